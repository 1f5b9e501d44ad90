"""Who is enrolled where: places held, lines with queue numbers, an open offer, the history."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from backend import clock
from backend.booking import line
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.booking.rules import age_on
from backend.demo.calendar import last_waking
from backend.demo.people import Resident
from backend.demo.plan import Stage
from backend.demo.rows import Rows, dice
from backend.demo.runs import Class
from backend.demo.staff import Team
from backend.night_school.facts import once_key
from backend.people.models import Consent
from backend.reminders import quiet

AFTER_WORK = 17 * 60  # minutes after midnight
MOST_CLASSES = 3  # of one person in one term


class Fill(Enum):
    """How full a class is."""

    LINE = "full, and a line behind it"
    OFFER = "full, the first in line has an offer"
    FULL = "full"
    BUSY = "most places taken"
    HALF = "about half"
    FEW = "nearly empty"


_FILLS = {
    Stage.PAST: (Fill.FULL, Fill.BUSY, Fill.BUSY, Fill.FULL, Fill.HALF),
    Stage.BEGUN: (Fill.BUSY, Fill.FULL, Fill.HALF, Fill.FULL),
    Stage.JOINABLE: (Fill.HALF, Fill.BUSY, Fill.LINE),
    Stage.OPEN: (Fill.LINE, Fill.HALF, Fill.FULL, Fill.FEW, Fill.BUSY, Fill.LINE, Fill.FULL),
}


@dataclass(slots=True)
class Enrolled:
    """A booking as the other parts of the demo need to know it."""

    id: int
    resident: Resident
    account_id: int | None
    state: State
    created_at: datetime
    queue_no: int | None = None


class Desk:
    """Enrols residents class by class, within the rules."""

    def __init__(
        self, rows: Rows, residents: list[Resident], team: Team, now: datetime, today: date
    ) -> None:
        self.rows, self.residents, self.team, self.now, self.today = (
            rows, residents, team, now, today
        )  # fmt: skip
        self.just_now = now - timedelta(minutes=95)
        self.rng = dice("enrolments")
        self._busy: dict[int, set[tuple[int, str]]] = defaultdict(set)
        self._actors: dict[int, list[int]] = defaultdict(list)
        for consent in rows.of(Consent):
            if consent.get("given_at") and not consent.get("withdrawn_at"):
                self._actors[consent["person_id"]].append(consent["account_id"])

    def new_term(self) -> None:
        """Everybody has time again."""
        self._busy.clear()

    def fill(self, class_: Class, fill: Fill) -> list[Enrolled]:
        """Write the bookings of one class and set its counters."""
        wanted, left, in_line = self._numbers(class_.offer.capacity, fill)
        people = self._choose(class_, wanted + left + in_line)
        if len(people) < wanted + left + in_line:
            wanted, left, in_line = min(wanted, len(people)), 0, 0
        people = people[: wanted + left + in_line]
        enrolled = []
        for number, at in enumerate(self._moments(class_, len(people))):
            # Whoever waits came last.
            state = State.CONFIRMED if number < wanted + left else State.WAITING
            queue_no = number - wanted - left + 1 if state is State.WAITING else None
            enrolled.append(self._enrol(class_, people[number], at, state, queue_no))
        self._let_leave(enrolled[: wanted + left], left, fill)
        if fill is Fill.OFFER and in_line:
            self._offer(class_, enrolled[wanted + left])
        self._count(class_, enrolled)
        return enrolled

    def _numbers(self, capacity: int, fill: Fill) -> tuple[int, int, int]:
        """How many hold a place in the end, had one and left, wait in the line."""
        left = self.rng.randint(0, 2)
        if fill is Fill.FEW:
            return self.rng.randint(1, 3), 0, 0
        if fill is Fill.OFFER:
            return capacity - 1, 1, self.rng.randint(4, 8)
        if fill is Fill.LINE:
            return capacity, left, self.rng.randint(4, 8)
        low, high = {Fill.BUSY: (0.7, 0.95), Fill.HALF: (0.35, 0.65)}.get(fill, (1.0, 1.0))
        return int(capacity * self.rng.uniform(low, high)), left, 0

    def _let_leave(self, enrolled: list[Enrolled], left: int, fill: Fill) -> None:
        """Early birds that changed their mind before the class was full; for an offer, just now."""
        for one in self.rng.sample(enrolled[: len(enrolled) // 2], left):
            latest = enrolled[-left].created_at
            at = one.created_at + (latest - one.created_at) * self.rng.uniform(0.3, 0.9)
            one.state = State.CANCELLED
            self._note(one, self.just_now if fill is Fill.OFFER else at)

    def _choose(self, class_: Class, count: int) -> list[Resident]:
        """People who may enrol and have time; neighbours first, but not only."""
        fitting = [one for one in self.residents if self._fits(class_, one)]
        near = [one for one in fitting if one.home is class_.community]
        street = [one for one in fitting if one.home.street_id == class_.community.street_id]
        chosen: dict[tuple[str, date], Resident] = {}  # who stands in the books twice comes once
        for pool, share in ((near, 0.6), (street, 0.8), (fitting, 1.0)):
            self.rng.shuffle(pool)
            for resident in pool:
                if len(chosen) >= count * share:
                    break
                chosen.setdefault((resident.name, resident.born), resident)
        found = list(chosen.values())
        self.rng.shuffle(found)
        for resident in found:
            self._busy[resident.id].add(class_.plan.slot.key)
        return found

    def _fits(self, class_: Class, resident: Resident) -> bool:
        offer, slot = class_.offer, class_.plan.slot
        first_day = clock.today(class_.starts_at)
        age = age_on(resident.born, first_day)
        busy = self._busy[resident.id]
        if slot.key in busy or len(busy) >= MOST_CLASSES or not self._reachable(resident, age):
            return False
        if class_.home_path and not resident.home.path.startswith(class_.home_path):
            return False
        low = offer.min_age or self._least_age(class_)
        oldest = age_on(resident.born, max(self.today, first_day))
        return low <= age and oldest <= (offer.max_age or 120)

    def _least_age(self, class_: Class) -> int:
        """Who comes where all may: by day on a working day only those who no longer work."""
        if class_.plan.slot.part == "weekend":
            return 8
        return 14 if class_.plan.slot.from_minute >= AFTER_WORK else 52

    def _reachable(self, resident: Resident, age: int) -> bool:
        """Somebody can book for them: they themselves, one they trust, or the desk."""
        return resident.account_id is not None or bool(self._actors[resident.id]) or age >= 18

    def _moments(self, class_: Class, count: int) -> list[datetime]:
        """When they signed up: many at once, then fewer and fewer; nobody at night."""
        until = min(last_waking(self.now), class_.closes_at) - timedelta(minutes=40)
        span = max(until - class_.opens_at, timedelta(minutes=count))
        moments = sorted(
            class_.opens_at + span * self.rng.random() ** 3 + timedelta(seconds=number)
            for number in range(count)
        )
        return [min(quiet.after_quiet(at), until) for at in moments]

    def _enrol(
        self, class_: Class, resident: Resident, at: datetime, state: State, queue_no: int | None
    ) -> Enrolled:
        account_id = resident.account_id
        if account_id is None and self._actors[resident.id]:
            account_id = self.rng.choice(self._actors[resident.id])
        staff_id = None if account_id else self.team.at(class_.plan.centre)
        booking_id = self.rows.add(
            Booking, bookable_id=class_.id, person_id=resident.id, account_id=account_id,
            staff_id=staff_id, state=state, quantity=1, once_key=once_key(class_.id),
            starts_at=class_.starts_at, ends_at=class_.ends_at, cancel_until=class_.cancel_until,
            offer_until=None, rank=0, queue_no=queue_no, code=self._code(),
            short_code=f"{self.rng.randrange(10**6):06}", created_at=at,
        )  # fmt: skip
        enrolled = Enrolled(booking_id, resident, account_id, state, at, queue_no)
        self._note(enrolled, at, staff_id=staff_id)
        return enrolled

    def _code(self) -> str:
        return base64.urlsafe_b64encode(self.rng.randbytes(16)).decode().rstrip("=")

    def _note(self, enrolled: Enrolled, at: datetime, *, staff_id: int | None = None,
              by_system: bool = False) -> None:  # fmt: skip
        self.rows.get(Booking, enrolled.id)["state"] = enrolled.state
        self.rows.add(
            BookingEvent, booking_id=enrolled.id, at=at, state=enrolled.state,
            account_id=None if by_system or staff_id else enrolled.account_id, staff_id=staff_id,
            reason=None,
        )  # fmt: skip

    def _offer(self, class_: Class, first: Enrolled) -> None:
        until = line.offer_deadline(self.just_now, class_.promote_until)
        first.state = State.OFFERED
        self.rows.get(Booking, first.id)["offer_until"] = until
        self.rows.get(Bookable, class_.id)["next_expiry_at"] = until
        self._note(first, self.just_now, by_system=True)

    def _count(self, class_: Class, enrolled: list[Enrolled]) -> None:
        states = [one.state for one in enrolled]
        self.rows.get(Bookable, class_.id).update(
            taken=states.count(State.CONFIRMED) + states.count(State.OFFERED),
            waiting=states.count(State.WAITING),
            queue_tail=max((one.queue_no or 0 for one in enrolled), default=0),
        )


Rolls = list[tuple[Class, list[Enrolled]]]


def build(
    rows: Rows, past: list[Class], present: list[Class], residents: list[Resident], team: Team,
    now: datetime, today: date,
) -> Rolls:  # fmt: skip
    """Every class with everybody who ever signed up for it."""
    desk = Desk(rows, residents, team, now, today)
    rolls: Rolls = []
    for classes in (past, present):
        desk.new_term()
        fills = {stage: _endless(fills) for stage, fills in _FILLS.items()}
        an_offer = next(
            (one for one in classes if one.stage is Stage.OPEN and one.plan.centre == 0), None
        )
        for class_ in classes:
            if class_.stage not in fills:
                continue
            fill = next(fills[class_.stage])
            rolls.append((class_, desk.fill(class_, Fill.OFFER if class_ is an_offer else fill)))
    return rolls


def _endless(fills: tuple[Fill, ...]) -> Iterator[Fill]:
    while True:
        yield from fills
