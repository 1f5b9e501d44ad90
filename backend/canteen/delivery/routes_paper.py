"""Route lists on A4, in type that is read on the stairs: one page or more for each run."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fpdf import FPDF

from backend import clock, paper
from backend.canteen.delivery import wording
from backend.canteen.delivery.models import StopState
from backend.canteen.kitchen import wording as kitchen_wording
from backend.canteen.kitchen.head import Head

_MARGIN, _BOTTOM, _WIDTH = 12, 284, 210
_ROW, _MORE, _BOX = 13.0, 8.0, 7.0
_SEQ, _DOOR, _NAME = 22.0, 37.0, 128.0
_RIGHT = _WIDTH - _MARGIN
_NO_NAME, _NO_DOOR = "（未填姓名）", "（没有门牌）"
_NO_LUNCH = "▲ 午餐没有吃"

Stop = Mapping[str, Any]


def draw(
    head: Head, runs: Sequence[Mapping[str, Any]], stops: Mapping[int, Sequence[Stop]],
    hungry: Collection[int] = (),
) -> bytes:  # fmt: skip
    """A PDF of these runs; one page that says so where there is none.

    `hungry`: people whose lunch was not taken.
    """
    pdf = paper.blank(f"{head.title} 路线单", "portrait", _MARGIN)
    write = _Writer(pdf, head, hungry)
    for run in runs:
        write.run(run, [one for one in stops.get(run["id"], ()) if one["state"] != StopState.GONE])
    if not runs:
        pdf.add_page()
        write.text(f"{head.title}：这一餐没有要送的。", _MARGIN, 24, 18, _RIGHT - _MARGIN)
    return bytes(pdf.output())


class _Writer:
    """Puts runs on pages, from the top down; what has been fitted once is not measured again."""

    def __init__(self, pdf: FPDF, head: Head, hungry: Collection[int]) -> None:
        self._pdf, self._head, self._hungry = pdf, head, hungry
        self._fits: dict[tuple[str, float, float], float] = {}
        self._y = 0.0
        self._title = ""

    def run(self, run: Mapping[str, Any], stops: Sequence[Stop]) -> None:
        """One run: when it leaves, how many bags, then stop after stop."""
        self._title = f"第 {run['number']} 趟 · {run['name']}"
        self._page()
        leaves = f"{clock.local(run['leaves_at']):%H:%M}"
        self._line(
            f"{leaves} 出发 · 共 {len(stops)} 份 · 送餐员 {run['courier'] or '＿＿＿＿＿'}", 15
        )
        self._line("饭盒：带出 ＿＿＿ 个，收回 ＿＿＿ 个", 13)
        where = None
        for stop in stops:
            if (here := _heading(stop)) != where:
                where = here
                self._room(_ROW + _MORE + 10)
                self._band(here)
            self._stop(stop)

    def text(self, text: str, x: float, y: float, size: float, width: float) -> None:
        """One line from the left, as large as fits."""
        key = (text, size, width)
        if (fitting := self._fits.get(key)) is None:
            self._pdf.set_font("serif", size=size)
            fitting = min(size, size * width / max(self._pdf.get_string_width(text), 1))
            self._fits[key] = fitting
        self._pdf.set_font("serif", size=fitting)
        self._pdf.text(x, y, text)

    def _page(self) -> None:
        self._pdf.add_page()
        self.text(self._head.title, _MARGIN, 17, 11, _RIGHT - _MARGIN)
        self.text(self._title, _MARGIN, 27, 22, _RIGHT - _MARGIN)
        self._y = 31.0

    def _line(self, text: str, size: float) -> None:
        self.text(text, _MARGIN, self._y + 6, size, _RIGHT - _MARGIN)
        self._y += 8.5

    def _band(self, text: str) -> None:
        self._pdf.set_fill_color(226)
        self._pdf.rect(_MARGIN, self._y + 1, _RIGHT - _MARGIN, 8.5, style="F")
        self.text(text, _MARGIN + 2, self._y + 7.2, 15, _RIGHT - _MARGIN - 4)
        self._y += 10

    def _stop(self, stop: Stop) -> None:
        """A box to tick, the number, the door, whom to ask for; below it what to mind."""
        needs = self._minded(stop)
        more = [f"{stop['portions']} 份菜"] if stop["portions"] > 1 else []
        more += [stop["note"]] if stop["note"] else []
        height = _ROW + (_MORE if needs or more else 0)
        self._room(height)
        pdf, base = self._pdf, self._y + 9.3
        pdf.set_line_width(0.5)
        pdf.rect(_MARGIN + 1, self._y + 3, _BOX, _BOX)
        self.text(str(stop["seq"]), _SEQ, base, 16, 13)
        self.text(wording.door(stop) or _NO_DOOR, _DOOR, base, 21, _NAME - _DOOR - 3)
        self.text(stop["name"] or _NO_NAME, _NAME, base, 16, 24)
        self.text(stop["phone"] or "", _NAME + 26, base, 14, _RIGHT - _NAME - 26)
        if needs or more:
            self._more(needs, "，".join(more), base + _MORE)
        self._y += height
        pdf.set_line_width(0.15)
        pdf.line(_MARGIN, self._y, _RIGHT, self._y)

    def _minded(self, stop: Stop) -> str:
        minded = [_NO_LUNCH] if stop["person_id"] in self._hungry else []
        if needs := kitchen_wording.needs(stop["texture"], stop["marks"]):
            minded.append(needs)
        return " · ".join(minded)

    def _more(self, needs: str, said: str, base: float) -> None:
        """What must not be mixed up stands white on black, as on the label."""
        left = _DOOR
        if needs:
            self._pdf.set_font("serif", size=13)
            width = min(self._pdf.get_string_width(needs) + 4, 95)
            self._pdf.set_fill_color(0)
            self._pdf.rect(left, base - 5, width, 6.8, style="F")
            self._pdf.set_text_color(255)
            self.text(needs, left + 2, base, 13, width - 4)
            self._pdf.set_text_color(0)
            left += width + 3
        if said:
            self.text(said, left, base, 13, _RIGHT - left)

    def _room(self, height: float) -> None:
        """On the next page where it would not fit on this one."""
        if self._y + height > _BOTTOM:
            self._page()


def _heading(stop: Stop) -> str:
    """The estate; where its bags are fetched at one point, that too."""
    if stop["at_drop_point"]:
        return f"{stop['estate']} · 集中取餐点：{stop['drop_point'] or '问清再去'}"
    return str(stop["estate"])
