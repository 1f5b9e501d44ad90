"""Draws the waits of the simulated market day, by stall and kind, as docs/img/market-day.svg.

Make it again with `python -m tests.market.plot_day`.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from backend.market import line
from tests.market.test_day import Stall, stalls

SEED, PERCENT = 0, 50
PICTURE = Path(__file__).parents[2] / "docs" / "img" / "market-day.svg"
LEFT, TOP, WIDTH, ROW, GAP = 190, 84, 640, 26, 12
UNIT = "minutes from arriving, or from the time booked, to the call; none if called before that"
KINDS = {"booked": "#1f6b5c", "walk-up": "#c95a21"}


def held(seed: int = SEED, percent: int = PERCENT) -> list[Stall]:
    """The stalls of one day, as it went."""
    day = list(stalls(seed, percent))
    for one in day:
        one.run(line.most_in_a_row(percent))
        for kind, waits in one.waits.items():
            one.waits[kind] = [max(wait, 0.0) for wait in waits]
    return day


def draw(day: list[Stall]) -> str:
    """The day as SVG: a dot per person, a line at the median, a bar up to nine of ten."""
    longest = max(wait for one in day for waits in one.waits.values() for wait in waits)
    most = int(longest // 10 + 1) * 10
    height = TOP + len(day) * (2 * ROW + GAP) + 40
    served = sum(len(waits) for one in day for waits in one.waits.values())
    shapes = [
        _text(20, 30, f"Waits on a simulated market day: {len(day)} stalls, {served} people", 19),
        _text(20, 54, UNIT, 13, "#5b6663"),
        *_axis(most, height),
    ]  # fmt: skip
    for number, one in enumerate(day):
        top = TOP + number * (2 * ROW + GAP)
        desks = "1 desk" if one.desks == 1 else f"{one.desks} desks"
        shapes.append(_text(20, top + ROW + 5, f"stall {number + 1}, {desks}", 14))
        for row, (kind, colour) in enumerate(KINDS.items()):
            shapes += _waits(one.waits[kind], kind, colour, top + row * ROW + ROW / 2, most)
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
        f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="#fffdf8"/>\n'
        f"{body}\n</svg>\n"
    )


def _axis(most: int, height: int) -> Iterator[str]:
    for minutes in range(0, most + 1, 10):
        x = LEFT + WIDTH * minutes / most
        yield (
            f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 34}" '
            f'stroke="#e2dbcb" stroke-width="1"/>'
        )
        yield _text(x, height - 16, str(minutes), 13, "#5b6663", "middle")


def _waits(waits: list[float], kind: str, colour: str, middle: float, most: int) -> Iterator[str]:
    def x(minutes: float) -> float:
        return LEFT + WIDTH * minutes / most

    nine_of_ten = quantiles(waits, n=10)[-1]
    yield _text(LEFT - 12, middle + 4, kind, 12, colour, "end")
    yield (
        f'<rect x="{x(0):.1f}" y="{middle - 8:.1f}" width="{x(nine_of_ten) - x(0):.1f}" '
        f'height="16" fill="{colour}" opacity="0.15"/>'
    )
    for number, wait in zip(count(), waits, strict=False):
        yield (
            f'<circle cx="{x(wait):.1f}" cy="{middle + (number % 5 - 2) * 2.6:.1f}" r="2.4" '
            f'fill="{colour}" opacity="0.65"/>'
        )
    at = x(median(waits))
    yield (
        f'<line x1="{at:.1f}" y1="{middle - 10:.1f}" x2="{at:.1f}" y2="{middle + 10:.1f}" '
        f'stroke="{colour}" stroke-width="2.5"/>'
    )


def _text(
    x: float, y: float, text: str, size: int, colour: str = "#23302d", anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}">{text}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(held()))
    print(f"{PICTURE} is drawn.")
