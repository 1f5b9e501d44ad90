"""What the rules look at when somebody wants a room: the sheet, the person, what they have.

`lock` first: rooms that share a part are held together, and the people whose limits count.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    Date,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from backend import clock
from backend.booking.models import Booking, State
from backend.booking.service import Replay
from backend.db import BigInt, Prepared, UtcDateTime, table_of
from backend.errors import NotFound
from backend.people.models import Person as PersonRow
from backend.people.queries import household_of, may_act_for
from backend.places.models import OccupantKind, Place, RoomAtom
from backend.venues import sheet
from backend.venues.asked import Asked, Use
from backend.venues.counting import Counted, Had, monday_of
from backend.venues.groups.models import Group, GroupMember
from backend.venues.models import Reservation
from backend.venues.series.models import SeriesDate
from backend.venues.sheet import ROOM_ID, Sheet, bookable, open_room, place, room

COUNTED = (State.REQUESTED, State.CONFIRMED, State.ATTENDED, State.MISSED)
"""States of a reservation that limits count."""

_person, _home = table_of(PersonRow), table_of(Place).alias("home")
_booking, _atom = table_of(Booking), table_of(RoomAtom)
_reservation = table_of(Reservation)
_of_series = table_of(SeriesDate)
_group, _member = table_of(Group), table_of(GroupMember)
_other_atom = table_of(RoomAtom).alias("other_atom")
_PERSON_ID = bindparam("person_id", type_=BigInt)
_GROUP_ID = bindparam("group_id", type_=BigInt)
_TODAY = bindparam("today", type_=Date())
_household = household_of(_PERSON_ID, _TODAY)

_people = (
    select(_person.c.id)
    .where(_person.c.id.in_(_household))
    .order_by(_person.c.id)
    .with_for_update(key_share=True)
    .cte("people")
)
_one_group = (
    select(_group.c.id).where(_group.c.id == _GROUP_ID).with_for_update(key_share=True).cte("one")
)


def _locking(whose: CTE, rooms: Any) -> Select[*tuple[Any, ...]]:
    """Hold those whose limits count, then the rooms and all that share a part with one of them."""
    return (
        select(bookable.c.id)
        .join(open_room, open_room.c.id == bookable.c.id)
        .where(
            open_room.c.room_id.in_(
                select(_other_atom.c.room_id)
                .join(_atom, _atom.c.atom_id == _other_atom.c.atom_id)
                .where(_atom.c.room_id.in_(rooms))
            ),
            # They are held before the first room is.
            select(func.count()).select_from(whose).scalar_subquery() >= 0,
        )
        .order_by(bookable.c.id)
        .with_for_update(of=bookable, key_share=True)
    )


_ROOMS = [ROOM_ID, bindparam("other_id", type_=BigInt)]
_LOCK, _LOCK_GROUP = Prepared(_locking(_people, _ROOMS)), Prepared(_locking(_one_group, _ROOMS))

_PERSON = (
    sheet.part("person", n=_person.c.id, word=_home.c.path)
    .select_from(_person.outerjoin(_home, _home.c.id == _person.c.home_place_id))
    .where(_person.c.id == _PERSON_ID, _person.c.merged_into_id.is_(None))
)
_SAME_VENUE = select(room.c.venue_id).where(room.c.id == ROOM_ID).scalar_subquery()
_COUNTS_AS = case(
    (_reservation.c.no_show_at <= sheet.NOW, literal_column(f"'{State.MISSED}'")),
    else_=_booking.c.state,
)
_COUNTS = (
    sheet.part(
        "had", n=_booking.c.id, word=_COUNTS_AS, starts_at=_booking.c.starts_at,
        ends_at=_booking.c.ends_at,
        before=case((_booking.c.person_id == _PERSON_ID, 1), else_=0),
        after=case((room.c.id == ROOM_ID, 1), else_=0), more=cast(_of_series.c.series_id, String),
    )
    .select_from(
        _booking.join(open_room, open_room.c.id == _booking.c.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(_reservation, _reservation.c.booking_id == _booking.c.id)
        .outerjoin(_of_series, _of_series.c.booking_id == _booking.c.id)
    )
    .where(
        _booking.c.state.in_([literal_column(f"'{state}'") for state in COUNTED]),
        _booking.c.ends_at > bindparam("counted_from", type_=UtcDateTime),
        room.c.venue_id == _SAME_VENUE,
    )
)  # fmt: skip
_HAD = _COUNTS.where(_booking.c.person_id.in_(_household), _reservation.c.group_id.is_(None))
_HAD_OF_GROUP = _COUNTS.where(_reservation.c.group_id == _GROUP_ID)
_GROUP = (
    sheet.part(
        "group", n=_group.c.id, word=place.c.path, until=_group.c.valid_until,
        ends_at=_group.c.ended_at,
    )
    .select_from(_group.join(place, place.c.id == _group.c.place_id))
    .where(
        _group.c.id == _GROUP_ID,
        exists().where(
            _member.c.group_id == _GROUP_ID, _member.c.person_id == _PERSON_ID,
            _member.c.removed_at.is_(None),
        ),
    )
)  # fmt: skip
_ACCOUNT_ID = bindparam("account_id", type_=BigInt)
_EARLIER = sheet.part(
    "earlier", n=_booking.c.id, word=_booking.c.state, more=_booking.c.idempotency_hash
).where(
    _booking.c.account_id == _ACCOUNT_ID,
    _booking.c.idempotency_key == bindparam("key", type_=String),
)
_MAY_ACT = may_act_for(_PERSON_ID, _ACCOUNT_ID, bindparam("self_id", type_=BigInt), _TODAY)
_FOR_ACCOUNT = sheet.gathered(*sheet.AROUND, _PERSON.where(_MAY_ACT), _HAD, _EARLIER)
_WITHOUT_LIMITS = sheet.gathered(*sheet.AROUND, _PERSON.where(_MAY_ACT), _EARLIER)
_FOR_MEMBER = sheet.gathered(*sheet.AROUND, _GROUP.where(_MAY_ACT), _HAD_OF_GROUP, _EARLIER)
_FOR_STAFF = sheet.gathered(*sheet.AROUND, _PERSON, _HAD)
_FOR_GROUP = sheet.gathered(*sheet.AROUND, _GROUP, _HAD_OF_GROUP)


@dataclass(frozen=True, slots=True)
class Question:
    """The room and what the rules look at; or the earlier booking under the same key.

    `stale`: bookings that still stand in the books for the room, and whose people did not come.
    """

    sheet: Sheet
    asked: Asked
    replay: Replay | None = None
    stale: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A room from a moment up to a moment, for a person and maybe so many people.

    With a `group_id` it is for that group, and the person a member of it.
    """

    room_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    headcount: int | None = None
    group_id: int | None = None


def lock(
    session: Session, room_id: int, person_id: int, now: datetime, *, other_id: int = 0,
    group_id: int | None = None,
) -> None:  # fmt: skip
    """Hold the person's household or the group, then the room and all that share a part with it.

    `other_id`: one more room that is held along. SQLite has one writer at a time anyway.
    """
    if session.connection().dialect.name != "postgresql":
        return
    rooms = {"room_id": room_id, "other_id": other_id}
    if group_id is None:
        _LOCK.all(session, rooms | {"person_id": person_id, "today": clock.today(now)})
    else:
        _LOCK_GROUP.all(session, rooms | {"group_id": group_id})


def lock_all(
    session: Session, room_ids: Collection[int], person_id: int, now: datetime, *,
    group_id: int | None = None,
) -> None:  # fmt: skip
    """The same for all rooms that the dates of a series are in."""
    if session.connection().dialect.name == "postgresql":
        values = {"person_id": person_id, "group_id": group_id, "today": clock.today(now)}
        whose = _people if group_id is None else _one_group
        session.execute(_locking(whose, sorted(room_ids)), values)


def for_account(
    session: Session, slot: Slot, account_id: int, self_id: int, key: str | None, now: datetime, *,
    moving: int | None = None, series_id: int | None = None, rows: Sequence[Any] | None = None,
    limits: bool = True,
) -> Question:  # fmt: skip
    """The facts for a wish of an account. Raises NotFound for people it may not act for, and for
    groups they are not in.

    `moving`: the booking that is changed, and so is not in its own way; of that series. A group's
    may be moved by every member. `rows`: what `sheet.rows_of` has read already; without
    `limits` nothing counts what people have.
    """
    if slot.group_id is not None and moving is not None:
        return for_staff(session, slot, now, moving=moving, series_id=series_id)
    more = {"account_id": account_id, "self_id": self_id, "key": key}
    of_person = _FOR_ACCOUNT if limits else _WITHOUT_LIMITS
    found = _read(session, of_person, _FOR_MEMBER, [slot], more, now, rows)
    return found.about(slot, leaving=(moving,), series_id=series_id)


def for_staff(
    session: Session, slot: Slot, now: datetime, *, moving: int | None = None,
    series_id: int | None = None,
) -> Question:  # fmt: skip
    """The facts for a wish at the desk; staff act for anyone. Raises NotFound."""
    found = _read(session, _FOR_STAFF, _FOR_GROUP, [slot], {}, now)
    return found.about(slot, leaving=(moving,), series_id=series_id)


def all_for_account(
    session: Session, slots: Sequence[Slot], account_id: int, self_id: int, now: datetime
) -> "Known":
    """The facts for many times of one room, for one person, in the same two reads."""
    more = {"account_id": account_id, "self_id": self_id, "key": None}
    return _read(session, _FOR_ACCOUNT, _FOR_MEMBER, slots, more, now)


def all_for_staff(session: Session, slots: Sequence[Slot], now: datetime) -> "Known":
    """The same at the desk."""
    return _read(session, _FOR_STAFF, _FOR_GROUP, slots, {}, now)


@dataclass(frozen=True, slots=True)
class Known:
    """What was read about a room, from the day before the first time to that of the last.

    `who`: the row of the person, or of the group.
    """

    now: datetime
    sheet: Sheet
    who: Any
    had: Sequence[Any]
    replay: Replay | None
    stale: Sequence[int]

    def about(
        self, slot: Slot, *, leaving: Collection[int | None] = (), series_id: int | None = None,
        uses: Sequence[Use] = (), had: Sequence[Had] = (),
    ) -> Question:  # fmt: skip
        """One of the times; the bookings that are `leaving` are in nobody's way.

        A date of a series is reserved as far ahead as series may, and the rest of the series does
        not count in the limits of live reservations. `uses` and `had`: what is there as well.
        """
        first, last = _window([slot])
        rules = self.sheet.rules if series_id is None else self.sheet.rules.for_series()
        counted = Counted(
            [row for row in (*self.had, *had) if row.n not in leaving],
            monday_of(slot.starts_at), self.now, series_id, rules.across_venue,
        )  # fmt: skip
        own = {(OccupantKind.RESERVATION, one) for one in leaving}
        asked = Asked(
            now=self.now, starts_at=slot.starts_at, ends_at=slot.ends_at, rules=rules,
            days=[day for day in self.sheet.days if first <= day.day <= last],
            uses=[
                use
                for use in (*self.sheet.uses, *uses)
                if (use.kind, use.occupant_id) not in own
            ],
            place_path=self.sheet.room.place_path, capacity=self.sheet.room.capacity,
            headcount=slot.headcount,
            person=counted.person(self.who) if self.who.what == "person" else None,
            group=counted.group(self.who) if self.who.what == "group" else None,
        )  # fmt: skip
        return Question(self.sheet, asked, self.replay, self.stale)


def _read(
    session: Session, of_person: Prepared, of_group: Prepared, slots: Sequence[Slot],
    more: dict[str, Any], now: datetime, rows: Sequence[Any] | None = None,
) -> Known:  # fmt: skip
    """Two reads, or one where the room's `rows` are known.

    Raises NotFound for people and groups who are not there, or not the account's.
    """
    first, last = _window(slots)
    room_id, group_id = slots[0].room_id, slots[0].group_id
    rows = rows or sheet.rows_of(session, room_id)
    around = (of_person if group_id is None else of_group).all(
        session,
        sheet.window(room_id, first, last, now)
        | {"person_id": slots[0].person_id, "group_id": group_id, "today": clock.today(now),
           "counted_from": min(now, monday_of(slots[0].starts_at))}
        | more,
    )  # fmt: skip
    who = next((row for row in around if row.what in ("person", "group")), None)
    if who is None:
        raise NotFound()
    earlier = next((row for row in around if row.what == "earlier"), None)
    return Known(
        now, sheet.put_together(rows, around, first, last), who,
        [row for row in around if row.what == "had"],
        earlier and Replay(earlier.n, earlier.word, None, earlier.more),
        tuple({row.n for row in around if row.what == "stale" and row.ends_at > now}),
    )  # fmt: skip


def _window(slots: Sequence[Slot]) -> tuple[date, date]:
    """The days that matter; a span of many days is refused by what its first days say."""
    first = clock.today(slots[0].starts_at) - timedelta(days=1)
    latest = clock.today(slots[-1].starts_at) - timedelta(days=1)
    last = max(clock.today(slots[-1].ends_at), latest)
    return first, min(last, latest + timedelta(days=3))
