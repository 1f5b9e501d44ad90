"""Who tried to reserve a room and was refused: what the statistics know of those who never get in.

A small row, at most one for a person, room, day and reason, written once the answer is out.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Mapped, mapped_column

from backend import clock
from backend.db import BigInt, Id, Model, Moment, db, one_of, table_of
from backend.errors import Refusal
from backend.places.models import OccupantKind
from backend.venues import errors
from backend.venues.facts import Slot
from backend.venues.groups import errors as group_errors


class Why(StrEnum):
    """Taken by others, a limit used up, too early or too late to ask, closed, or not for them."""

    TAKEN = "taken"
    QUOTA = "quota"
    TIME = "time"
    CLOSED = "closed"
    AUDIENCE = "audience"


class RefusedTry(Model):
    """Somebody wanted a room on a `day`, at first from `starts_at` on, and did not get it."""

    __tablename__ = "refused_try"
    __table_args__ = (
        one_of("why", Why),
        UniqueConstraint("person_id", "room_id", "day", "why"),
        Index("ix_refused_try_room_id_starts_at", "room_id", "starts_at"),
        Index("ix_refused_try_tried_at", "tried_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    room_id: Mapped[int] = mapped_column(BigInt, ForeignKey("room.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(String(8))
    starts_at: Mapped[Moment]
    tried_at: Mapped[Moment]


WORDS = {
    Why.TAKEN: _("房间有人用了"),
    Why.QUOTA: _("名额已经用完"),
    Why.TIME: _("约得太早或者太晚"),
    Why.CLOSED: _("不开放或者停用"),
    Why.AUDIENCE: _("不对这位居民开放"),
}

REASONS: Mapping[type[Refusal], Why] = {
    errors.InUse: Why.TAKEN,
    errors.TooClose: Why.TAKEN,
    errors.EnoughReserved: Why.QUOTA,
    errors.HouseholdHasEnough: Why.QUOTA,
    errors.EnoughThisWeek: Why.QUOTA,
    errors.HouseholdHasEnoughThisWeek: Why.QUOTA,
    group_errors.GroupHasEnough: Why.QUOTA,
    group_errors.GroupHasEnoughThisWeek: Why.QUOTA,
    errors.TooSoon: Why.TIME,
    errors.TooFarAhead: Why.TIME,
    errors.RoomClosed: Why.CLOSED,
    errors.AcrossClosing: Why.CLOSED,
    errors.StaffOnly: Why.AUDIENCE,
    errors.SeriesByStaff: Why.AUDIENCE,
    errors.HomeElsewhere: Why.AUDIENCE,
    errors.HomeUnknown: Why.AUDIENCE,
    group_errors.GroupsOnly: Why.AUDIENCE,
    group_errors.GroupElsewhere: Why.AUDIENCE,
    group_errors.GroupNotRegistered: Why.AUDIENCE,
}
"""What leaves a row. What can be mended on the form (lengths, the grid, how many) does not."""


def remember(refusal: Refusal, slot: Slot, now: datetime) -> None:
    """Have the refusal noted once it has been answered."""
    why = REASONS.get(type(refusal))
    if refusal.data.get("use") == OccupantKind.BLOCK:
        why = Why.CLOSED
    if why is not None:
        refusal.after = partial(_note, slot, why, now)


def _note(slot: Slot, why: Why, now: datetime) -> None:
    db.session.execute(
        insert(table_of(RefusedTry))
        .values(
            person_id=slot.person_id, room_id=slot.room_id, why=why, starts_at=slot.starts_at,
            day=clock.today(slot.starts_at), tried_at=now,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
