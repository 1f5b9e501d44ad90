"""16:01: what the kitchen, whoever packs and the couriers hold in their hands, read back."""

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import httpx
from pypdf import PdfReader

from backend.canteen.models import Mode
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import ALLERGIC, BROUGHT, GATE, MENU, Eater

Place = tuple[int, int]
"""Which run, and which stop of it."""

_STOP = re.compile(r"(\d+) (.+) (\S+) 1380000(\d{4})$")
_PLACE = re.compile(r"(\d+)趟(\d+)号$")


def read_the_sheet(lunch: Lunch) -> None:
    """By dish: all of it, and how much of it goes which way."""
    paper = lunch.world.clerk("guo").get(f"/kitchen/{lunch.meal_id}/sheet.pdf")
    text = "\n".join(_pages(paper))
    eaters = lunch.town.eaters
    assert f"{len(eaters)} 人订餐，共 {sum(one.portions for one in eaters)} 份" in text
    soft = any(one.soft for one in eaters if one.dish == "小米粥")
    assert not soft, "its line has one figure less than the others'"
    for dish in MENU:
        mine = [one for one in eaters if one.dish == dish]
        ways = [_portions(mine, mode) for mode in (Mode.DINE_IN, Mode.PICK_UP, Mode.DELIVERY)]
        softer = sum(one.portions for one in mine if one.soft)
        figures = [sum(ways), *([softer] if softer else []), *ways]
        assert f"{dish} {' '.join(map(str, figures))}" in text
    assert f"白灼虾套餐 1 份：{eaters[ALLERGIC].name}" in text


def read_the_route_lists(lunch: Lunch) -> dict[int, Place]:
    """Everybody who is brought a meal stands once in one list; where, by their number."""
    found: dict[int, Place] = {}
    at_gate = set()
    paper = lunch.world.clerk("sun").get(f"/deliveries/{lunch.meal_id}/routes.pdf")
    for page in _pages(paper):
        run = re.search(r"第 (\d+) 趟", page)
        assert run
        for stop in filter(None, map(_STOP.match, page.splitlines())):
            number = int(stop[4])
            one = lunch.town.eaters[number]
            assert number not in found
            assert one.name.startswith(stop[3][0])
            assert one.name not in page
            assert (one.address or "").rstrip("室").endswith(stop[2].split()[-1])
            found[number] = (int(run[1]), int(stop[1]))
        if GATE in page:
            at_gate.add(int(run[1]))
    assert set(found) == {one.number for one in lunch.town.eaters if one.mode is Mode.DELIVERY}
    assert {found[number][0] for number in found if number >= BROUGHT} == at_gate
    runs = Counter(run for run, _ in found.values())
    assert sorted(found.values()) == [
        (run, seq) for run in sorted(runs) for seq in range(1, runs[run] + 1)
    ]
    return found


def read_the_labels(lunch: Lunch, places: dict[int, Place]) -> None:
    """A label for each portion; on a bag the run and the stop that the courier's list has."""
    named = {one.name: one for one in lunch.town.eaters}
    printed: Counter[str] = Counter()
    paper = lunch.world.clerk("guo").post(f"/kitchen/{lunch.meal_id}/labels.pdf")
    for page in _pages(paper):
        first, second, *rest = page.splitlines()
        name, at_right = first.split()
        one, place = named[name], _PLACE.match(at_right)
        printed[name] += 1
        assert (place and (int(place[1]), int(place[2]))) == places.get(one.number), page
        dish, *count = second.split()
        assert dish == one.dish
        assert (count or [at_right]) == [f"{printed[name]}/{one.portions}"]
        assert ("软一些" in rest) == one.soft
        assert ("过敏 虾蟹" in rest) == (one.number == ALLERGIC)
        if one.address:
            assert "".join(rest).find(one.address.rpartition("号楼")[2]) >= 0, page
    assert printed == Counter({one.name: one.portions for one in lunch.town.eaters})


def _portions(eaters: list[Eater], mode: Mode) -> int:
    return sum(one.portions for one in eaters if one.mode is mode)


def _pages(paper: httpx.Response) -> Iterator[str]:
    """The text of a paper, page by page."""
    assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
    for page in PdfReader(BytesIO(paper.content)).pages:
        yield page.extract_text()
