"""Which classes the demo offers: courses put into the week's hours, rooms and teachers' time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from random import Random

from backend.demo.calendar import Slot, slot, slot_from_now
from backend.demo.catalogue import Catalogue, Offer
from backend.demo.places import District
from backend.demo.rows import dice

WEEKDAYS, WEEKEND = range(5), range(5, 7)
ELSEWHERE = 5  # classes in each of the other centres
PAST = 4  # classes in each centre


class Stage(Enum):
    """Where a class stands in its life."""

    PAST = "past"
    BEGUN = "begun"  # no longer open for sign-up
    JOINABLE = "joinable"  # begun, open until the third lesson
    OPEN = "open"
    FUTURE = "future"  # published, sign-up opens in a few days
    DRAFT = "draft"


_LATER = (
    (slot(5, "evening", 30), Stage.OPEN),
    (slot(1, "afternoon"), Stage.FUTURE),
    (slot(3, "evening", 15), Stage.OPEN),
    (slot(2, "morning", 30), Stage.DRAFT),
)
"""What the demo worker's community offers besides the classes that have begun."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A class that will be written: `centre` counts the communities with a night school."""

    offer: Offer
    centre: int
    slot: Slot
    teacher_id: int
    stage: Stage


class Timetable:
    """One term's week: who and what is taken when. All classes keep their slot for the term."""

    def __init__(self, catalogue: Catalogue, district: District, rng: Random) -> None:
        self.catalogue, self.district, self.rng = catalogue, district, rng
        self.planned: list[Planned] = []
        self._busy: set[tuple[str, int, tuple[int, str]]] = set()
        self._used: Counter[str] = Counter()
        self._taught: Counter[int] = Counter()
        self._here: set[tuple[int, str]] = set()

    def place(
        self, centre: int, at: Slot, stage: Stage, *, course: str | None = None,
        teacher_id: int | None = None,
    ) -> None:  # fmt: skip
        """Put the course used least that fits into the slot; or `course`, by `teacher_id`."""
        offers = list(self.catalogue.offers)
        self.rng.shuffle(offers)
        for offer in sorted(offers, key=lambda each: self._used[each.code]):
            fits = offer.code == course if course else at.part in offer.when
            if not fits or (centre, offer.code) in self._here:
                continue
            atoms = self._atoms(centre, offer)
            if any(("atom", atom, at.key) in self._busy for atom in atoms):
                continue
            teacher = teacher_id or self._free_teacher(offer, at)
            if teacher is None:
                continue
            self._busy |= {("atom", atom, at.key) for atom in atoms}
            self._busy.add(("teacher", teacher, at.key))
            self._used[offer.code] += 1
            self._taught[teacher] += 1
            self._here.add((centre, offer.code))
            self.planned.append(Planned(offer, centre, at, teacher, stage))
            return
        raise LookupError(f"no course fits {at} at centre {centre}")

    def _atoms(self, centre: int, offer: Offer) -> tuple[int, ...]:
        rooms = self.district.centres[centre].centre
        assert rooms is not None
        return rooms.atoms[rooms.rooms[offer.room]]

    def _free_teacher(self, offer: Offer, at: Slot) -> int | None:
        free = [
            teacher for teacher in self.catalogue.teachers[offer.category]
            if teacher != self.catalogue.own_classes
            and ("teacher", teacher, at.key) not in self._busy
        ]  # fmt: skip
        return min(free, key=lambda teacher: self._taught[teacher], default=None)


def present_term(catalogue: Catalogue, district: District, now: datetime) -> list[Planned]:
    """The demo worker's community has classes every day; the other eleven a few each."""
    rng = dice("present term")
    table = Timetable(catalogue, district, rng)
    own = catalogue.own_classes
    starting = slot_from_now(now)
    table.place(0, starting, Stage.JOINABLE, course="voice", teacher_id=own)
    chorus_day = next(day for day in (1, 3) if day != starting.weekday)
    table.place(0, slot(chorus_day, "morning"), Stage.BEGUN, course="chorus", teacher_id=own)
    for weekday in (*WEEKDAYS, *WEEKEND):
        table.place(0, slot(weekday, "evening"), Stage.BEGUN)
        day_part = "weekend" if weekday in WEEKEND else ("morning", "afternoon")[weekday % 2]
        table.place(0, slot(weekday, day_part), Stage.JOINABLE if weekday % 3 else Stage.BEGUN)
    for at, stage in _LATER:
        table.place(0, at, stage)
    others = range(1, len(district.centres))
    stages = _stages(rng, ELSEWHERE * len(others))
    for centre in others:
        for at in _week(rng, ELSEWHERE):
            table.place(centre, at, next(stages))
    return table.planned


def past_term(catalogue: Catalogue, district: District) -> list[Planned]:
    """Four classes in each of the twelve communities, all over."""
    rng = dice("past term")
    table = Timetable(catalogue, district, rng)
    for centre in range(len(district.centres)):
        for at in _week(rng, PAST):
            table.place(centre, at, Stage.PAST)
    return table.planned


def _week(rng: Random, count: int) -> list[Slot]:
    """`count` slots of a centre's week: evenings first of all, then the weekend, then by day."""
    evenings = [slot(day, "evening", rng.choice((0, 0, 30))) for day in WEEKDAYS]
    weekend = [slot(day, "weekend", rng.choice((0, 30))) for day in WEEKEND]
    by_day = [slot(day, rng.choice(("morning", "afternoon")), 0) for day in WEEKDAYS]
    chosen = [*rng.sample(evenings, 2), *rng.sample(weekend, 1), *rng.sample(by_day, 2)]
    return chosen[:count]


def _stages(rng: Random, count: int) -> Iterator[Stage]:
    share: Iterable[tuple[Stage, int]] = (
        (Stage.BEGUN, 13), (Stage.JOINABLE, 6), (Stage.OPEN, 25), (Stage.FUTURE, 7),
        (Stage.DRAFT, 4),
    )  # fmt: skip
    stages = [stage for stage, number in share for _ in range(number)]
    assert len(stages) >= count
    rng.shuffle(stages)
    return iter(stages)
