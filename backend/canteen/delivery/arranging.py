"""How bags become runs: estate by estate, buildings whole, from the top where there is no lift."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

_FIGURES = re.compile(r"(\d+)")
_LAST = 10**6
"""What nobody has put a turn on comes after what has one."""

_LONGEST = 60

Turn = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Bag:
    """One order to be carried: where to, and what decides when."""

    booking_id: int
    estate_id: int
    place_id: int
    building: str | None = None
    unit: str | None = None
    floor: int | None = None
    flat: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """Estates by name; what is known of places: their turn, and which of them have a lift."""

    estates: dict[int, str]
    turns: dict[int, int] = field(default_factory=dict)
    lifts: frozenset[int] = frozenset()


def arrange(bags: Iterable[Bag], ground: Ground, capacity: int) -> list[list[Bag]]:
    """The runs of a meal in their order, each in the order it is walked.

    A building is split only if it alone holds more bags than one carries, and an estate only if it
    does; small estates that follow one another share a run.
    """
    runs: list[list[Bag]] = []
    for _estate, group in groupby(in_order(bags, ground), key=lambda bag: bag.estate_id):
        estate = list(group)
        if runs and len(runs[-1]) + len(estate) <= capacity:
            runs[-1].extend(estate)
            continue
        runs.append([])
        for _building, flats in groupby(estate, key=_building_of):
            _carry(runs, list(flats), capacity)
    return [run for run in runs if run]


def in_order(bags: Iterable[Bag], ground: Ground) -> list[Bag]:
    """As they are walked: estate, building, unit, floor, flat."""
    return sorted(bags, key=lambda bag: _turn(bag, ground))


def name_of(run: Sequence[Bag], ground: Ground) -> str:
    """What a run is called: 翠园小区 1、2号楼; more than three are told as a span."""
    parts = []
    for estate_id, group in groupby(run, key=lambda bag: bag.estate_id):
        numbers = list(dict.fromkeys(one.building for one in group if one.building))
        said = [ground.estates.get(estate_id, ""), _span(numbers)]
        parts.append(" ".join(filter(None, said)))
    name = "，".join(parts)
    if len(name) > _LONGEST:
        more = f" 等{len(parts)}处"
        name = f"{name[: _LONGEST - len(more)]}{more}"
    return name


def natural(text: str | None) -> Turn:
    """3 before 12, figures before letters."""
    return tuple(
        (0, int(one), "") if one.isdecimal() else (1, 0, one)
        for one in _FIGURES.split(text or "")
        if one
    )


def _span(numbers: Sequence[str]) -> str:
    """1、2号楼; 1–9号楼; A座."""
    if not numbers:
        return ""
    word = "号楼" if numbers[-1][-1].isdecimal() else "座"
    said = "、".join(numbers) if len(numbers) <= 3 else f"{numbers[0]}–{numbers[-1]}"
    return f"{said}{word}"


def _carry(runs: list[list[Bag]], flats: list[Bag], capacity: int) -> None:
    """A building into the last run if it fits whole, else into runs of its own."""
    if len(runs[-1]) + len(flats) <= capacity:
        runs[-1].extend(flats)
        return
    runs.extend(_pieces(flats, capacity))


def _pieces(flats: list[Bag], capacity: int) -> Iterator[list[Bag]]:
    for at in range(0, len(flats), capacity):
        yield flats[at : at + capacity]


def _building_of(bag: Bag) -> tuple[int, str | None]:
    return bag.place_id, bag.building


def _turn(bag: Bag, ground: Ground) -> Turn:
    floor = _LAST if bag.floor is None else bag.floor
    if bag.place_id not in ground.lifts and bag.floor is not None:
        floor = -floor
    return (
        ground.turns.get(bag.estate_id, _LAST), natural(ground.estates.get(bag.estate_id)),
        bag.estate_id, ground.turns.get(bag.place_id, _LAST), natural(bag.building), bag.place_id,
        natural(bag.unit), floor, natural(bag.flat), bag.booking_id,
    )  # fmt: skip
