"""Recurring reservations at the desk: made for somebody, looked at, moved, given back, put back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.desk.reach import access_person
from backend.desk.rooms import RUN, access_room
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues.series import ending, finding, judging, making, moving, putting_back, queries
from backend.venues.series.making import Wanted
from backend.venues.series.moving import Shift


def preview(
    session: Session, me: SignedInStaff, wanted: Wanted, now: datetime
) -> Sequence[dict[str, Any]]:
    """Every date, and why it cannot be. Raises NotFound, and what stands against them all."""
    access_room(session, me, wanted.room_id)
    shown = judging.shown(making.preview_at_desk(session, wanted, now))["dates"]
    return [
        one | {name: datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at")}
        for one in shown
    ]


def reserve_for(
    session: Session, me: SignedInStaff, wanted: Wanted, now: datetime, reason: str | None = None
) -> int:
    """Reserve for somebody in reach; with a `reason` against rules that staff may set aside.

    The series' id. Raises NotFound, DatesClash, and the refusals of the rules.
    """
    of_room = access_room(session, me, wanted.room_id)
    access_person(session, me, RUN, wanted.person_id)
    made = making.reserve_at_desk(session, me.staff_id, wanted, now, overruled_reason=reason)
    audit.record(
        session, me.staff_id, "series.book", "series", made.series_id,
        after={"person_id": wanted.person_id, "group_id": wanted.group_id,
               "room_id": wanted.room_id, "dates": made.dates, "skipped": made.skipped,
               "reason": reason},
        place_id=of_room.place_id,
    )  # fmt: skip
    return made.series_id


def get_series(
    session: Session, me: SignedInStaff, series_id: int, now: datetime
) -> dict[str, Any]:
    """One in a room at my places, with every date. Raises NotFound."""
    found = queries.shown(session, finding.at_my_places(session, me, series_id), now)
    dates = [
        one | {name: datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at")}
        for one in found["dates"]
    ]
    return found | {"dates": dates}


def preview_move(
    session: Session, me: SignedInStaff, series_id: int, shift: Shift, now: datetime
) -> list[dict[str, Any]]:
    """From when to when each date would move, and why it cannot, or only `with_reason`.

    Raises NotFound, NotLive.
    """
    series = finding.at_my_places(session, me, series_id)
    found = moving.preview_at_desk(session, me.staff_id, series, shift, now)
    overruled = found
    if any(one.refusal for one in found):
        overruled = moving.preview_at_desk(
            session, me.staff_id, series, shift, now, overruled_reason="?"
        )
    names = ("was_at", "starts_at", "ends_at")
    return [
        one
        | {name: datetime.fromisoformat(one[name]) for name in names}
        | {"with_reason": bool(one["errcode"]) and other.refusal is None}
        for one, other in zip(moving.shown(found)["dates"], overruled, strict=True)
    ]


def move(
    session: Session, me: SignedInStaff, series_id: int, shift: Shift, now: datetime,
    reason: str | None = None,
) -> int:  # fmt: skip
    """They are at the other time, and whoever asked for them is told once. How many moved.

    With a `reason` against rules that staff may set aside. Raises NotFound, NotLive, DatesClash,
    and the refusal that stands against every date.
    """
    series = finding.at_my_places(session, me, series_id)
    moved = moving.move_at_desk(session, me.staff_id, series, shift, now, overruled_reason=reason)
    to = {"starts_at": clock.rfc3339(shift.starts_at), "ends_at": clock.rfc3339(shift.ends_at)}
    _audit(
        session, me, "series.move", series,
        to
        | {"date_id": shift.date_id, "everything": shift.everything, "moved": moved,
           "reason": reason},
    )  # fmt: skip
    return moved


def cancel(
    session: Session, me: SignedInStaff, series_id: int, from_id: int | None, reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """What is to come is given back, from one date on or all; they are told once. How many.

    Raises NotFound, NotLive.
    """
    series = finding.at_my_places(session, me, series_id)
    ended = ending.cancel_at_desk(session, me.staff_id, series, now, from_id=from_id, reason=reason)
    _audit(session, me, "series.cancel", series, {"cancelled": ended, "reason": reason})
    return ended


def put_back(
    session: Session, me: SignedInStaff, series_id: int, date_id: int, reason: str | None,
    now: datetime,
) -> int:  # fmt: skip
    """A date that was skipped or cancelled is reserved after all; its booking.

    Raises NotFound, NotSkipped, and the refusals of the rules.
    """
    series = finding.at_my_places(session, me, series_id)
    booking_id = putting_back.put_back_at_desk(
        session, me.staff_id, series, date_id, now, overruled_reason=reason
    )
    _audit(session, me, "series.put_back", series, {"booking_id": booking_id, "reason": reason})
    return booking_id


def _audit(
    session: Session, me: SignedInStaff, action: str, series: AnyRow, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, action, "series", series.id, {"person_id": series.person_id}, after,
        place_id=series.place_id,
    )  # fmt: skip
