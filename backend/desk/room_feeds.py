"""Calendars of a venue or a room behind a link: handed out, taken back, and read as iCal.

A link with names shows what its maker may see, and nothing once they have left or lost the place.
"""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from icalendar import Event
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking import ics
from backend.db import AnyRow
from backend.desk import rooms
from backend.desk.day_grid import Entry
from backend.errors import Invalid, NotFound
from backend.places.models import OccupantKind
from backend.staff import audit, sessions
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff
from backend.venues.feeds.models import RoomFeed
from backend.venues.sheet import room, venue

BEFORE, AHEAD = timedelta(days=7), timedelta(days=60)
"""How far a calendar looks back and ahead."""

_OPEN = RoomFeed.revoked_at.is_(None)


def create(
    session: Session, me: SignedInStaff, venue_id: int, name: str, now: datetime, *,
    room_id: int | None, with_names: bool,
) -> None:  # fmt: skip
    """A new link for somebody. Raises NotFound, and Invalid for a room of another venue."""
    rooms.get_venue(session, me, venue_id)
    if room_id is not None and room_id not in {one.id for one in rooms.rooms_of(session, venue_id)}:
        raise Invalid({"room_id": [_("这个房间不在所选的场馆。")]})
    feed_id = session.execute(
        insert(RoomFeed)
        .values(
            venue_id=venue_id, room_id=room_id, name=name, with_names=with_names,
            staff_id=me.staff_id, created_at=now,
        )
        .returning(RoomFeed.id)
    ).scalar_one()  # fmt: skip
    after = {"feed_id": feed_id, "name": name, "room_id": room_id, "with_names": with_names}
    _note(session, me, "room_feed.create", venue_id, after)


def revoke(session: Session, me: SignedInStaff, venue_id: int, feed_id: int, now: datetime) -> None:
    """The link opens nothing any more. Repeated, it changes nothing. Raises NotFound."""
    rooms.get_venue(session, me, venue_id)
    mine = (RoomFeed.id == feed_id, RoomFeed.venue_id == venue_id)
    if session.scalar(select(RoomFeed.id).where(*mine)) is None:
        raise NotFound()
    ended = session.execute(
        update(RoomFeed)
        .where(*mine, _OPEN)
        .values(revoked_at=now, revoked_by=me.staff_id)
        .returning(RoomFeed.name)
        .execution_options(synchronize_session=False)
    ).scalar()
    if ended is None:
        audit.unchanged(session)
        return
    _note(session, me, "room_feed.revoke", venue_id, {"feed_id": feed_id, "name": ended})


def list_open(session: Session, venue_id: int) -> list[dict[str, Any]]:
    """The links of a venue that are not revoked, the newest first, each with its address."""
    rows = session.execute(
        select(
            RoomFeed.id, RoomFeed.name, RoomFeed.with_names, RoomFeed.created_at,
            Staff.name.label("by"), room.c.name.label("room_name"),
        )
        .join(Staff, Staff.id == RoomFeed.staff_id)
        .outerjoin(room, room.c.id == RoomFeed.room_id)
        .where(RoomFeed.venue_id == venue_id, _OPEN)
        .order_by(RoomFeed.id.desc())
    )  # fmt: skip
    at = f"{config.current().public_url}/admin/venues/feed"
    return [dict(row._mapping) | {"address": f"{at}/{_signer().dumps(row.id)}.ics"} for row in rows]


def read(session: Session, key: str, now: datetime) -> bytes:
    """The calendar behind a key, in its maker's language; the same bytes all day unless something
    changes. Raises NotFound for a key that is not ours, or revoked.
    """
    feed = _open(session, key)
    with force_locale(feed.language):
        me = sessions.acting(session, feed.staff_id) if feed.with_names else None
        if feed.with_names and me is None:
            raise NotFound()
        if me is not None:
            rooms.get_venue(session, me, feed.venue_id)
        there = [
            one for one in rooms.rooms_of(session, feed.venue_id)
            if feed.room_id in (None, one.id)
        ]  # fmt: skip
        first, last = clock.today(now - BEFORE), clock.today(now + AHEAD)
        made_at = datetime.combine(clock.today(now), time(), clock.LOCAL)
        found = rooms.entries(session, me, there, first, last, now)
        events = [
            _event(one, entry if me else _bare(entry), feed.venue_name, made_at)
            for one, entry in found
            if feed.room_id is not None or not entry.of_room
        ]
        name = feed.venue_name if feed.room_id is None else f"{feed.venue_name} {there[0].name}"
        return ics.calendar("Venues", _("%(what)s场地安排", what=name), events)


def _open(session: Session, key: str) -> AnyRow:
    try:
        feed_id = _signer().loads(key)
    except BadData as error:
        raise NotFound() from error
    row = session.execute(
        select(
            RoomFeed.venue_id, RoomFeed.room_id, RoomFeed.with_names, RoomFeed.staff_id,
            Staff.language, venue.c.name.label("venue_name"),
        )
        .join(Staff, Staff.id == RoomFeed.staff_id)
        .join(venue, venue.c.id == RoomFeed.venue_id)
        .where(RoomFeed.id == feed_id, _OPEN)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _event(one: AnyRow, entry: Entry, venue_name: str, made_at: datetime) -> Event:
    event = ics.event(
        f"{entry.kind}-{entry.id}-room-{one.id}", entry.starts_at, entry.ends_at, made_at=made_at,
        summary=_summary(entry), where=(venue_name, one.name),
    )  # fmt: skip
    said = [
        _("%(count)s 人", count=entry.headcount) if entry.headcount else "",
        entry.wishes or "",
        _("占用：%(room)s", room=entry.of_room) if entry.of_room else "",
    ]
    if any(said):
        event.add("description", "\n".join(filter(None, said)))
    return event


def _bare(entry: Entry) -> Entry:
    """That a room is taken, and no more."""
    return Entry(entry.kind, entry.id, entry.starts_at, entry.ends_at)


def _summary(entry: Entry) -> str:
    if entry.title is None and entry.person_name is None:
        return str(_("已占用"))
    title = entry.title or str(_("预约"))  # whose account is gone took the title along
    if entry.kind == OccupantKind.LESSON:
        title += str(_("（夜校上课）"))
    return f"{title} {entry.person_name or ''}".rstrip()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(config.current().secret_key, salt="room-feed")


def _note(
    session: Session, me: SignedInStaff, action: str, venue_id: int, after: dict[str, Any]
) -> None:
    place_id = session.execute(select(venue.c.place_id).where(venue.c.id == venue_id)).scalar_one()
    audit.record(session, me.staff_id, action, "venue", venue_id, place_id=place_id, after=after)
