"""What a move of a whole market would do: who comes along, who no longer fits, what clashes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy import exists, false, select, true
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Booking, State
from backend.booking.rules import age_on
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound, Refusal
from backend.market import fitting, grid, planning
from backend.market.errors import DayClosed, DayTaken, MarketBegun
from backend.market.facts import once_key
from backend.market.fitting import RUN, StallPlan
from backend.market.grid import MINUTE, moment
from backend.market.models import IN_LINE, MarketDay, MarketSlot, Service, Stage, Stall, Ticket
from backend.market.moving.models import MarketMove
from backend.market.rules import serves
from backend.market.wording import service_words
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places import occupancy
from backend.places.models import OccupantKind, Place
from backend.places.occupancy import Use
from backend.staff.access import SignedInStaff

ONCE, AGE = "once", "age"
"""Why somebody no longer fits: the service is booked elsewhere that day; the age is another."""

_slot = table_of(MarketSlot)
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where the market goes. `opens`: when its first stall opens, in minutes after midnight; None:
    as before. `room_id`: all stalls stand in that room; `keep_rooms`: each where it was; neither:
    on the square.
    """

    day: date
    place_id: int
    spot: str
    reason: str
    opens: int | None = None
    room_id: int | None = None
    keep_rooms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A slot booked, asked or waited for: whose, and when it is from then on.

    `against`: why they no longer fit (ONCE, AGE), or None.
    """

    booking_id: int
    bookable_id: int
    stall_id: int
    service_id: int
    service: str
    person_id: int
    account_id: int | None
    person_name: str | None
    last_four: str | None
    state: str
    starts_at: datetime
    to_starts_at: datetime
    against: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """A queue number in line; nobody is known behind one given at the table."""

    ticket_id: int
    number: int
    stall_id: int
    service: str
    booking_id: int | None
    person_id: int | None
    account_id: int | None
    person_name: str | None


@dataclass(frozen=True, slots=True)
class Clash:
    """A stall that cannot come along, and why."""

    stall_id: int
    service: str
    why: str


@dataclass(frozen=True, slots=True)
class Look:
    """The market as it is, its stalls, and what the move would do.

    `later`: the time changes, not the place alone. `taken`: what is in the way in the rooms.
    """

    day: AnyRow
    wanted: Wanted
    place_name: str
    stalls: Sequence[AnyRow]
    shift: int
    hits: Sequence[Hit]
    numbers: Sequence[Number]
    clashes: Sequence[Clash]
    taken: Sequence[Use]

    @property
    def later(self) -> bool:
        return self.shift != 0 or self.wanted.day != self.day.day

    @property
    def delta(self) -> timedelta:
        days: timedelta = self.wanted.day - self.day.day
        return days + self.shift * MINUTE

    @property
    def seen(self) -> str:
        """What was on show: another one means that somebody booked, cancelled or planned since."""
        shown = (
            tuple(self.day), [tuple(one) for one in self.stalls],
            [(one.booking_id, one.state, one.starts_at, one.against) for one in self.hits],
            [(one.ticket_id, one.number) for one in self.numbers],
            tuple(self.clashes), tuple(self.taken),
        )  # fmt: skip
        return sha256(repr(shown).encode()).hexdigest()[:32]


def look(
    session: Session, me: SignedInStaff, market_day_id: int, wanted: Wanted, now: datetime
) -> Look:
    """What the move would do; nothing is written.

    Raises NotFound, Invalid by field, DayClosed, DayTaken, and MarketBegun where somebody was
    called already and the time would change.
    """
    day = planning.access_day(session, me, market_day_id)
    if day.cancelled_at is not None or day.day < clock.today(now):
        raise DayClosed()
    place = session.execute(
        select(Place.name).where(Place.id == wanted.place_id, me.covers(RUN, Place.path))
    ).first()
    if place is None:
        raise NotFound()
    stalls = stalls_of(session, day.id)
    shift = _shift(stalls, wanted)
    _check(session, day, stalls, wanted, shift, now)
    later = shift != 0 or wanted.day != day.day
    if later and _begun(session, [one.id for one in stalls]):
        raise MarketBegun()
    return Look(
        day, wanted, place.name, stalls, shift,
        hits_of(session, day, wanted.day, shift, now), numbers_of(session, day.id),
        _clashes(session, day, stalls, wanted, shift) if later else [],
        _taken(session, me, day, stalls, wanted, shift),
    )  # fmt: skip


def opens_at(found: Look) -> datetime | None:
    """When the first stall is to open; None without stalls."""
    if not found.stalls:
        return None
    return moment(found.wanted.day, found.stalls[0].from_minute + found.shift)


def list_moves(session: Session, market_day_id: int) -> list[AnyRow]:
    """The moves of a market, the newest first."""
    return list(
        session.execute(
            select(
                MarketMove.was_day, MarketMove.was_spot, MarketMove.reason,
                Place.name.label("place_name"),
            )
            .join(Place, Place.id == MarketMove.was_place_id)
            .where(MarketMove.market_day_id == market_day_id)
            .order_by(MarketMove.id.desc())
        )
    )  # fmt: skip


def stalls_of(session: Session, market_day_id: int) -> Sequence[AnyRow]:
    """The stalls of a market with their service, by when they open."""
    return session.execute(
        select(*table_of(Stall).c, Service.name.label("service"), Service.papers)
        .join(Service, Service.id == Stall.service_id)
        .where(Stall.market_day_id == market_day_id)
        .order_by(Stall.from_minute, Stall.id)
    ).all()


def _shift(stalls: Sequence[AnyRow], wanted: Wanted) -> int:
    """By how many minutes every stall opens later. Raises Invalid beyond midnight."""
    if wanted.opens is None or not stalls:
        return 0
    shift: int = wanted.opens - stalls[0].from_minute
    if max(one.until_minute for one in stalls) + shift > _MIDNIGHT:
        raise Invalid({"opens": [_("这样最晚的摊位要过半夜才收，请早一点开始。")]})
    return shift


def _check(
    session: Session, day: AnyRow, stalls: Sequence[AnyRow], wanted: Wanted, shift: int,
    now: datetime,
) -> None:  # fmt: skip
    same_time = wanted.day == day.day and shift == 0
    if wanted.day < clock.today(now):
        raise Invalid({"day": [_("请选择今天或以后的日期。")]})
    if not same_time and stalls and moment(wanted.day, stalls[0].from_minute + shift) <= now:
        raise Invalid({"opens": [_("这个时间已经过了，请选晚一点。")]})
    rooms = [one.room_id for one in stalls]
    to_rooms = rooms if wanted.keep_rooms else [wanted.room_id for _one in stalls]
    if wanted.keep_rooms and wanted.place_id != day.place_id and any(rooms):
        raise Invalid({"room_id": [_("换了社区或小区，请另选房间，或者不占房间。")]})
    if same_time and rooms == to_rooms and (wanted.place_id, wanted.spot) == (
        day.place_id, day.spot,
    ):  # fmt: skip
        raise Invalid({"day": [_("和现在一样，没有要改的。")]})
    if session.execute(
        select(MarketDay.id).where(
            MarketDay.place_id == wanted.place_id, MarketDay.day == wanted.day,
            MarketDay.cancelled_at.is_(None), MarketDay.id != day.id,
        )
    ).first():  # fmt: skip
        raise DayTaken()


def _begun(session: Session, stall_ids: Sequence[int]) -> bool:
    """Whether anybody was called yet."""
    served = (Stage.CALLED, Stage.SERVED, Stage.NO_SHOW)
    called = exists().where(Ticket.stall_id.in_(stall_ids), Ticket.stage.in_(served))
    return bool(session.execute(select(called)).scalar_one())


def hits_of(session: Session, day: AnyRow, to_day: date, shift: int, now: datetime) -> list[Hit]:
    """Who has, waits for or asked for a slot, by time; where only the place changes: of those that
    are not over.
    """
    in_line = select(Ticket.booking_id).where(
        Ticket.stage.in_(IN_LINE), Ticket.booking_id.is_not(None)
    )
    later = shift != 0 or to_day != day.day
    rows = session.execute(
        select(
            Booking.id, Booking.bookable_id, Stall.id.label("stall_id"), Stall.service_id,
            Service.name.label("service"), Booking.person_id, Booking.account_id, Person.phone,
            shown_name().label("person_name"), Booking.state, Booking.starts_at,
            Person.birth_date, Stall.min_age, Stall.max_age, Stall.at_home,
        )
        .select_from(Booking)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Stall.market_day_id == day.id, Booking.state.in_(LIVE),
            (Booking.state != State.ATTENDED) | (Booking.id.in_(in_line) if later else false()),
            true() if later else Booking.ends_at > now,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()  # fmt: skip
    delta = (to_day - day.day) + shift * MINUTE
    twice = _booked_elsewhere(session, rows, to_day)
    return [_hit(row, to_day, delta, twice) for row in rows]


def _booked_elsewhere(
    session: Session, rows: Sequence[AnyRow], day: date
) -> set[tuple[int, str | None]]:
    """(person, key) of live bookings of the same services on that day that are not these."""
    keys = {once_key(row.service_id, day) for row in rows}
    found = session.execute(
        select(Booking.person_id, Booking.once_key).where(
            Booking.person_id.in_({row.person_id for row in rows}),
            Booking.once_key.in_(keys),
            Booking.state.in_(LIVE),
            Booking.id.not_in([row.id for row in rows]),
        )
    )
    return {(row.person_id, row.once_key) for row in found}


def _hit(row: AnyRow, day: date, delta: timedelta, twice: set[tuple[int, str | None]]) -> Hit:
    against = None
    if (row.person_id, once_key(row.service_id, day)) in twice:
        against = ONCE
    elif row.birth_date is not None and not serves(
        age_on(row.birth_date, day), row.min_age, row.max_age
    ):
        against = AGE
    same = (
        "bookable_id", "stall_id", "service_id", "person_id", "account_id",
        "person_name", "state", "starts_at",
    )  # fmt: skip
    return Hit(
        booking_id=row.id, last_four=row.phone and row.phone[-4:], against=against,
        service=service_words(row.service, at_home=row.at_home),
        to_starts_at=row.starts_at + delta, **{name: getattr(row, name) for name in same},
    )  # fmt: skip


def numbers_of(session: Session, market_day_id: int) -> list[Number]:
    """The queue numbers in line, stall by stall."""
    rows = session.execute(
        select(
            Ticket.id, Ticket.number, Ticket.stall_id, Service.name.label("service"),
            Ticket.booking_id, Ticket.person_id, Ticket.account_id,
            shown_name().label("person_name"),
        )
        .select_from(Ticket)
        .join(Stall, Stall.id == Ticket.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .where(Stall.market_day_id == market_day_id, Ticket.stage.in_(IN_LINE))
        .order_by(Ticket.stall_id, Ticket.number)
    )  # fmt: skip
    return [Number(*row) for row in rows]


def moved_plan(session: Session, stall: AnyRow, wanted: Wanted, shift: int) -> StallPlan:
    """The stall as it is to be."""
    was = planning.plan_of(session, stall)
    return replace(
        was, from_minute=was.from_minute + shift, until_minute=was.until_minute + shift,
        breaks=[(first + shift, last + shift) for first, last in was.breaks],
        room_id=was.room_id if wanted.keep_rooms else wanted.room_id,
    )  # fmt: skip


def _clashes(
    session: Session, day: AnyRow, stalls: Sequence[AnyRow], wanted: Wanted, shift: int
) -> list[Clash]:
    """Stalls whose people are busy then, or whose papers have ended by then."""
    found = []
    for stall in stalls:
        if fitting.called_off(stall, day.day):
            continue
        plan = moved_plan(session, stall, wanted, shift)
        try:
            fitting.check_moved(session, wanted.day, day.id, plan, stall.papers)
        except Refusal as refusal:
            found.append(Clash(stall.id, stall.service, str(refusal)))
    return found


def _taken(
    session: Session, me: SignedInStaff, day: AnyRow, stalls: Sequence[AnyRow], wanted: Wanted,
    shift: int,
) -> list[Use]:  # fmt: skip
    """What is in the way in the rooms. Raises NotFound for rooms that are not mine."""
    if wanted.room_id is not None:
        fitting.check_room(session, me, wanted.room_id)
    spans: dict[int, list[grid.Minutes]] = {}
    for one in stalls:
        room_id = one.room_id if wanted.keep_rooms else wanted.room_id
        if room_id is not None and not fitting.called_off(one, day.day):
            span = (one.from_minute + shift, one.until_minute + shift)
            spans.setdefault(room_id, []).append(span)
    return [
        use
        for room_id, of_room in sorted(spans.items())
        for use in occupancy.clashes(
            session, room_id,
            [(moment(wanted.day, a), moment(wanted.day, b)) for a, b in grid.merged(of_room)],
            ignore=(OccupantKind.MARKET, [day.id]),
        )
    ]  # fmt: skip
