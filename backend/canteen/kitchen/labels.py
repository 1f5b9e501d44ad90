"""Labels for a label printer, 60 x 40 mm: one a portion, special ones first, then by stop."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from fpdf import FPDF

from backend import paper
from backend.canteen.kitchen import wording
from backend.canteen.kitchen.head import Head
from backend.canteen.kitchen.lines import Line
from backend.canteen.models import Mode
from backend.canteen.wording import MODES
from backend.people.crypto import lookup_hash

WIDTH, HEIGHT, MARGIN = 60, 40, 2.5
_INNER = WIDTH - 2 * MARGIN
_FOOT = 36.0
_LARGE, _SMALL = 15.0, 11.5
"""Where the foot begins, in mm; an address is set in points between these where one line does."""
_IN_TURN = {Mode.DELIVERY: 0, Mode.PICK_UP: 1, Mode.DINE_IN: 2}
_NO_NAME, _NO_ADDRESS = "（未填姓名）", "地址待补，先别送"
_LAST_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Label:
    """One portion's label; the number-th of `of` for the same person."""

    line: Line
    number: int
    of: int


def draw(head: Head, lines: Sequence[Line], only: Collection[str] | None = None) -> bytes:
    """A PDF with a page for each portion; one page that says so where there is none.

    `only`: those of some lines, by key, numbered as among all.
    """
    wanted = [one for one in labels(lines) if only is None or key_of(one.line) in only]
    pdf = FPDF(orientation="landscape", unit="mm", format=(HEIGHT, WIDTH))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font("serif", fname=paper.FONT)
    pdf.set_lang("zh-CN")
    pdf.set_title(f"{head.title} 标签")
    write = _Writer(pdf, head)
    for label in wanted:
        write.page(label)
    if not wanted:
        pdf.add_page()
        pdf.set_font("serif", size=14)
        pdf.text(MARGIN, 20, "这一餐没有人订。" if only is None else "没有要补打的标签。")
    return bytes(pdf.output())


def key_of(line: Line) -> str:
    """By which a line's labels are known again."""
    return f"{line.booking_id}:{line.menu_item_id}"


def stop_of(line: Line) -> str:
    """2趟7号; a dash for what is in no run."""
    return f"{line.stop[0]}趟{line.stop[1]}号" if line.stop else "-"


def said(lines: Iterable[Line]) -> dict[str, str]:
    """What the labels of each line say, by its key: the stop, and a keyed hash of all else."""
    pages: dict[str, list[str]] = {}
    for one in labels(lines):
        line = one.line
        text = (line.name, line.dish, line.texture, *line.marks, line.mode, line.address)
        pages.setdefault(key_of(line), [stop_of(line), repr(text)]).append(f"{one.number}/{one.of}")
    return {
        key: f"{stop} {lookup_hash('label', ' '.join(rest))[:16]}"
        for key, (stop, *rest) in pages.items()
    }


def in_turn(lines: Iterable[Line]) -> list[Line]:
    """As their labels are stuck on."""
    return sorted(lines, key=_place_in_turn)


def labels(lines: Iterable[Line]) -> Iterator[Label]:
    """One for each portion, in the order in which they are stuck on."""
    found = in_turn(lines)
    of: dict[int, int] = {}
    for line in found:
        of[line.booking_id] = of.get(line.booking_id, 0) + line.portions
    given: dict[int, int] = {}
    for line in found:
        for _portion in range(line.portions):
            given[line.booking_id] = given.get(line.booking_id, 0) + 1
            yield Label(line, given[line.booking_id], of[line.booking_id])


def _place_in_turn(line: Line) -> tuple[object, ...]:
    """Special ones first; then as they are carried: stop after stop, the rest by name."""
    return (
        not line.special, _IN_TURN[Mode(line.mode)], line.stop is None, line.stop or (),
        _natural(line.address or ""), line.name or "", line.booking_id, line.menu_item_id,
    )  # fmt: skip


def _natural(text: str) -> list[tuple[int, int, str]]:
    """3号楼 before 12号楼."""
    parts = _LAST_DIGITS.split(text)
    return [(0, int(one), "") if one.isdecimal() else (1, 0, one) for one in parts if one]


class _Writer:
    """Puts labels on pages; what has been fitted once is not measured again."""

    def __init__(self, pdf: FPDF, head: Head) -> None:
        self._pdf = pdf
        self._foot = head.title
        self._sizes: dict[tuple[str, float, float], float] = {}
        self._lines: dict[tuple[str, int], tuple[float, list[str]]] = {}

    def page(self, label: Label) -> None:
        """One label: who, what, what to mind, where to."""
        line, pdf = label.line, self._pdf
        pdf.add_page()
        brought = line.stop and stop_of(line)
        count = f"{label.number}/{label.of}"
        self._text(line.name or _NO_NAME, 8.2, 21, _INNER - (22 if brought else 14))
        self._right(brought or count, 7.6, 15 if brought else 13)
        self._text(line.dish, 15.2, 16, _INNER - (10 if brought else 0))
        if brought:
            self._right(count, 14.6, 12)
        if line.special:
            self._black_bar(wording.needs(line.texture, line.marks))
        if line.mode == Mode.DELIVERY:
            where = (line.address or "").strip() or _NO_ADDRESS
            self._address(where, 11 if line.special else 19)
        else:
            self._text(str(MODES[Mode(line.mode)]), 31.5, 15, _INNER)
        self._text(self._foot, 38.3, 7, _INNER)

    def _black_bar(self, text: str) -> None:
        """White on black: it is seen on a pile of sixty."""
        pdf = self._pdf
        pdf.set_fill_color(0)
        pdf.rect(MARGIN - 1, 17, _INNER + 2, 7, style="F")
        pdf.set_text_color(255)
        self._text(text, 22, 13, _INNER)
        pdf.set_text_color(0)

    def _address(self, text: str, room: float) -> None:
        """In one line if that can be read, else in two or three, from `room` mm above the foot."""
        size, lines = self._set(text, 2 if room < 15 else 3)
        at = _FOOT - room + size * 0.4
        for one in lines:
            self._text(one, at, size, _INNER)
            at += size * 0.43

    def _set(self, text: str, most: int) -> tuple[float, list[str]]:
        """The largest type that the text fits `most` lines in, and the lines, about as long."""
        if (known := self._lines.get((text, most))) is None:
            width = self._width(text, _LARGE)
            count = 1 if width * _SMALL / _LARGE <= _INNER else min(most, ceil(width / _INNER))
            each = ceil(len(text) / count)
            lines = [text[at : at + each] for at in range(0, len(text), each)]
            longest = max(self._width(one, _LARGE) for one in lines)
            size = min(_LARGE, _LARGE * _INNER / longest)
            known = self._lines[text, most] = (size, lines)
        return known

    def _text(self, text: str, y: float, size: float, width: float) -> None:
        """One line from the left, as large as fits."""
        key = (text, size, width)
        if (fitting := self._sizes.get(key)) is None:
            fitting = self._sizes[key] = min(size, size * width / max(self._width(text, size), 1))
        self._pdf.set_font("serif", size=fitting)
        self._pdf.text(MARGIN, y, text)

    def _right(self, text: str, y: float, size: float) -> None:
        self._pdf.set_font("serif", size=size)
        self._pdf.text(WIDTH - MARGIN - self._pdf.get_string_width(text), y, text)

    def _width(self, text: str, size: float) -> float:
        self._pdf.set_font("serif", size=size)
        return float(self._pdf.get_string_width(text))
