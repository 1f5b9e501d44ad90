"""Writes terms, classes, lessons and the rooms they occupy; works out deadlines as staff would."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from backend.booking.models import Bookable
from backend.demo.calendar import lesson_days, moment, monday, term_name, term_starts
from backend.demo.catalogue import Offer
from backend.demo.places import Community, District
from backend.demo.plan import Planned, Stage
from backend.demo.rows import Rows, dice
from backend.night_school.models import CourseRun, Lesson, RunHour, Term
from backend.places.models import Occupancy, OccupantKind, Place

OPENING_HOUR = 9 * 60
MOST_PER_PERSON = 4


@dataclass(slots=True)
class Class:
    """A class as the other parts of the demo need to know it."""

    id: int
    plan: Planned
    community: Community
    home_path: str | None
    lessons: list[tuple[int, datetime, datetime]]
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    cancel_until: datetime
    promote_until: datetime

    @property
    def offer(self) -> Offer:
        return self.plan.offer

    @property
    def stage(self) -> Stage:
        return self.plan.stage


class Writer:
    """Writes the classes of one term."""

    def __init__(self, rows: Rows, district: District, now: datetime, today: date) -> None:
        self.rows, self.district, self.now, self.today = rows, district, now, today
        self.rng = dice("runs")

    def term(self, plans: list[Planned], starts_on: date) -> list[Class]:
        """A term and all its classes; it ends with the week of the last lesson."""
        term_id = self.rows.add(
            Term,
            name=term_name(starts_on),
            starts_on=starts_on,
            ends_on=starts_on,
            most_per_person=MOST_PER_PERSON,
        )
        classes = [self._write(plan, term_id, starts_on) for plan in plans]
        last = max(each.ends_at for each in classes)
        self.rows.get(Term, term_id)["ends_on"] = monday(last.date()) + timedelta(days=6)
        return classes

    def _write(self, plan: Planned, term_id: int, term_starts_on: date) -> Class:
        offer, at = plan.offer, plan.slot
        first_week = self._first_week(plan, term_starts_on)
        days = lesson_days(first_week, at.weekday, offer.lessons, self.today)
        starts = [moment(day, at.from_minute) for day in days]
        length = timedelta(minutes=offer.minutes)
        community = self.district.centres[plan.centre]
        opens_at = self._opens_at(plan.stage, starts[0], days)
        closes_at = starts[2] if plan.stage is Stage.JOINABLE else starts[0]
        if plan.stage is Stage.JOINABLE and closes_at <= self.now:
            closes_at = next(start for start in starts if start > self.now + timedelta(days=1))
        home_id = self._home_limit(plan, community)
        values = {
            "starts_at": starts[0], "ends_at": starts[-1] + length, "opens_at": opens_at,
            "closes_at": closes_at, "cancel_until": closes_at - timedelta(days=1),
            "promote_until": closes_at,
        }  # fmt: skip
        run_id = self.rows.add(
            Bookable, kind="course_run", title=offer.title, place_id=community.id,
            capacity=offer.capacity, taken=0, waiting=0, queue_tail=0, next_expiry_at=None,
            published_at=None if plan.stage is Stage.DRAFT
            else min(opens_at, self.now) - timedelta(days=3),
            **values,
        )  # fmt: skip
        assert community.centre is not None
        room_id = community.centre.rooms[offer.room]
        self.rows.put(
            CourseRun, id=run_id, course_id=offer.id, term_id=term_id, teacher_id=plan.teacher_id,
            room_id=room_id, price_fen=offer.price_fen, audience=offer.audience,
            min_age=offer.min_age, max_age=offer.max_age, home_place_id=home_id,
            weekday=at.weekday, from_minute=at.from_minute,
        )  # fmt: skip
        self.rows.put(
            RunHour, run_id=run_id, weekday=at.weekday, from_minute=at.from_minute,
            minutes=offer.minutes,
        )  # fmt: skip
        path = self.rows.get(Place, home_id)["path"] if home_id else None
        written = Class(run_id, plan, community, path, [], **values)
        for number, start in enumerate(starts, 1):
            lesson_id = self.rows.add(
                Lesson, run_id=run_id, number=number, starts_at=start, ends_at=start + length,
                room_id=room_id, cancelled_at=None,
            )  # fmt: skip
            written.lessons.append((lesson_id, start, start + length))
            for atom in community.centre.atoms[room_id]:
                self.rows.add(
                    Occupancy, atom_id=atom, starts_at=start, ends_at=start + length,
                    occupant_kind=OccupantKind.LESSON, occupant_id=lesson_id,
                )  # fmt: skip
        return written

    def _first_week(self, plan: Planned, term_starts_on: date) -> date:
        """The Monday of the week of the first lesson."""
        if plan.slot.part == "now":
            return term_starts_on + timedelta(weeks=2)
        later = {
            Stage.PAST: (0, 0, 1, 2), Stage.BEGUN: (0, 0, 1), Stage.JOINABLE: (1, 2),
            Stage.OPEN: (4, 4, 5), Stage.FUTURE: (6, 7), Stage.DRAFT: (7, 8),
        }[plan.stage]  # fmt: skip
        return term_starts_on + timedelta(weeks=self.rng.choice(later))

    def _opens_at(self, stage: Stage, starts_at: datetime, days: list[date]) -> datetime:
        if stage in (Stage.PAST, Stage.BEGUN, Stage.JOINABLE):
            return moment(days[0] - timedelta(days=self.rng.randint(12, 16)), OPENING_HOUR)
        if stage is Stage.OPEN:
            return moment(self.today - timedelta(days=self.rng.randint(1, 6)), OPENING_HOUR)
        soon = self.rng.randint(1, 4) if stage is Stage.FUTURE else self.rng.randint(7, 10)
        return moment(self.today + timedelta(days=soon), OPENING_HOUR)

    def _home_limit(self, plan: Planned, community: Community) -> int | None:
        """A few classes are kept for the community or the street."""
        roll: Random = self.rng
        if plan.stage is Stage.PAST or plan.slot.part == "now":
            return None
        chance = roll.random()
        return community.id if chance < 0.06 else community.street_id if chance < 0.14 else None


def build(
    rows: Rows, district: District, past: list[Planned], present: list[Planned],
    now: datetime, today: date,
) -> tuple[list[Class], list[Class]]:  # fmt: skip
    """Both terms: (past classes, present classes)."""
    past_on, present_on = term_starts(today)
    writer = Writer(rows, district, now, today)
    return writer.term(past, past_on), writer.term(present, present_on)
