"""Bags become runs: nobody is left out, buildings stay whole, stairs are climbed once."""

from itertools import groupby
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from backend.canteen.delivery.arranging import Bag, Ground, arrange, name_of

ESTATES = {1: "翠园小区", 2: "锦绣苑", 3: "和平里"}


def bag(booking_id: int, building: int, floor: int | None = None, **given: object) -> Bag:
    """A bag for a building of estate 1, known to the tree as 100 + its number."""
    plan = {"estate_id": 1, "place_id": 100 + building, "building": str(building)}
    flat = None if floor is None else f"{floor}01"
    return Bag(booking_id, floor=floor, flat=flat, **plan | given)


def ids(runs: list[list[Bag]]) -> list[list[int]]:
    return [[one.booking_id for one in run] for run in runs]


def test_from_the_top_where_there_is_no_lift() -> None:
    bags = [bag(1, 3, 2), bag(2, 3, 6), bag(3, 3, 4), bag(4, 12, 2), bag(5, 12, 9), bag(6, 3)]
    ground = Ground(ESTATES, lifts=frozenset({112}))
    assert ids(arrange(bags, ground, 20)) == [[2, 3, 1, 6, 4, 5]]


def test_unit_after_unit() -> None:
    bags = [bag(1, 3, 2, unit="2"), bag(2, 3, 6, unit="10"), bag(3, 3, 4, unit="1")]
    assert ids(arrange(bags, Ground(ESTATES), 20)) == [[3, 1, 2]]


def test_by_the_turn_that_is_walked() -> None:
    bags = [bag(1, 1), bag(2, 2), bag(3, 3)]
    assert ids(arrange(bags, Ground(ESTATES, {103: 1, 101: 2}), 20)) == [[3, 1, 2]]


def test_a_building_is_split_only_if_nobody_could_carry_it() -> None:
    bags = [bag(n, 1) for n in range(3)] + [bag(10 + n, 2) for n in range(3)]
    assert ids(arrange(bags, Ground(ESTATES), 4)) == [[0, 1, 2], [10, 11, 12]]
    assert ids(arrange(bags, Ground(ESTATES), 2)) == [[0, 1], [2], [10, 11], [12]]


def test_small_estates_share_a_run() -> None:
    bags = [bag(1, 1), bag(2, 1), Bag(3, 2, 2)]
    assert ids(arrange(bags, Ground(ESTATES), 3)) == [[1, 2, 3]]
    assert ids(arrange(bags, Ground(ESTATES, {2: 1}), 3)) == [[3, 1, 2]]
    assert ids(arrange(bags, Ground(ESTATES), 2)) == [[1, 2], [3]]


def test_a_run_is_called_by_where_it_goes() -> None:
    ground = Ground(ESTATES)
    assert name_of([bag(1, 1), bag(2, 2), bag(3, 2)], ground) == "翠园小区 1、2号楼"
    assert name_of([bag(n, n) for n in (1, 2, 5, 9)], ground) == "翠园小区 1–9号楼"
    tower, lone = Bag(1, 1, 101, "A"), Bag(1, 2, 2)
    assert name_of([tower, lone], ground) == "翠园小区 A座，锦绣苑"
    many = {n: f"很长很长很长很长的小区名字{n}" for n in range(9)}
    assert len(name_of([Bag(n, n, n) for n in range(9)], Ground(many))) <= 60


homes = st.tuples(
    st.integers(1, 3), st.integers(1, 6), st.integers(1, 3), st.none() | st.integers(1, 9)
)  # fmt: skip


def bag_of(booking_id: int, home: tuple[int, int, int, int | None]) -> Bag:
    estate, building, unit, floor = home
    flat = floor and f"{floor}01"
    return Bag(
        booking_id, estate, estate * 100 + building, str(building), str(unit), floor, flat
    )  # fmt: skip


@given(st.lists(homes, max_size=80), st.integers(1, 20), st.sets(st.integers(101, 306)))
def test_everybody_is_in_one_run(
    meal: list[tuple[int, int, int, int | None]], capacity: int, lifts: set[int]
) -> None:
    bags = [bag_of(n, home) for n, home in enumerate(meal)]
    ground = Ground(ESTATES, lifts=frozenset(lifts))
    runs = arrange(bags, ground, capacity)
    assert sorted(one.booking_id for run in runs for one in run) == list(range(len(bags)))
    assert all(0 < len(run) <= capacity for run in runs)
    assert runs == arrange(list(reversed(bags)), ground, capacity)
    for whole in (attrgetter("place_id"), attrgetter("estate_id")):
        for place in {whole(one) for one in bags}:
            size = sum(whole(one) == place for one in bags)
            seen = [n for n, run in enumerate(runs) if place in map(whole, run)]
            assert len(seen) == 1 or size > capacity
    for run in runs:
        walked = [key for key, _ in groupby(run, key=lambda one: (one.place_id, one.unit))]
        assert len(walked) == len(set(walked))  # nobody comes back to a staircase
        for (place, _unit), flats in groupby(run, key=lambda one: (one.place_id, one.unit)):
            floors = [one.floor for one in flats if one.floor is not None]
            assert floors == sorted(floors, reverse=place not in lifts)
