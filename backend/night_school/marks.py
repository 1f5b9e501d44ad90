"""The marks of attendance themselves: one row for a booking at a lesson.

Each is one upsert, so two workers at one door, or a scan and a tap at once, agree on a row.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.night_school.models import Attendance, CheckInBy, Presence
from backend.night_school.statistics import changes

_attendance = table_of(Attendance)


def presence_of(
    session: Session, lesson_id: int, booking_ids: Iterable[int]
) -> dict[int, str | None]:
    """The marks of these bookings at the lesson; None where there is none."""
    wanted = list(booking_ids)
    rows = session.execute(
        select(Attendance.booking_id, Attendance.presence).where(
            Attendance.lesson_id == lesson_id, Attendance.booking_id.in_(wanted)
        )
    )
    return dict.fromkeys(wanted) | {row.booking_id: row.presence for row in rows}


def put(
    session: Session, lesson_id: int, booking_ids: list[int], presence: Presence | None,
    taken_by: CheckInBy, staff_id: int, now: datetime,
) -> None:  # fmt: skip
    """Give these bookings this mark, whatever they had; None takes it away."""
    if presence is not None:
        upsert(
            session, lesson_id, booking_ids, presence, taken_by, staff_id, now, unless=(presence,)
        )
        return
    changes.of_lesson(session, lesson_id)
    session.execute(
        delete(_attendance).where(
            _attendance.c.lesson_id == lesson_id, _attendance.c.booking_id.in_(booking_ids)
        )
    )


def upsert(
    session: Session, lesson_id: int, booking_ids: list[int], presence: Presence,
    taken_by: CheckInBy, staff_id: int | None, now: datetime, *, unless: Iterable[Presence],
) -> list[int]:  # fmt: skip
    """Write one mark each, leaving rows alone whose presence is in `unless`; who was written."""
    changes.of_lesson(session, lesson_id)
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {
        "lesson_id": lesson_id, "presence": presence, "taken_by": taken_by, "staff_id": staff_id,
        "at": now, "made_up_lesson_id": None,
    }  # fmt: skip
    wish = kind.insert(_attendance).values(
        # In one order, so that two who mark everybody at once do not wait for each other.
        [row | {"booking_id": booking_id} for booking_id in sorted(booking_ids)]
    )
    written = wish.on_conflict_do_update(
        index_elements=["lesson_id", "booking_id"],
        set_={name: wish.excluded[name] for name in row if name != "lesson_id"},
        where=_attendance.c.presence.not_in(list(unless)),
    ).returning(_attendance.c.booking_id)
    return list(session.execute(written).scalars())


def replace(
    session: Session, lesson_id: int, booking_id: int, found: str | None, presence: str | None,
    taken_by: CheckInBy, staff_id: int | None, at: datetime,
) -> bool:  # fmt: skip
    """Turn the mark `found` into `presence`; False where it is no longer what was found."""
    changes.of_lesson(session, lesson_id)
    here = (_attendance.c.lesson_id == lesson_id, _attendance.c.booking_id == booking_id)
    values = {"presence": presence, "taken_by": taken_by, "staff_id": staff_id, "at": at}
    if found is None:
        kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        row = values | {"lesson_id": lesson_id, "booking_id": booking_id}
        wish: Any = kind.insert(_attendance).values(row).on_conflict_do_nothing()
    elif presence is None:
        wish = delete(_attendance).where(*here, _attendance.c.presence == found)
    else:
        wish = (
            update(_attendance)
            .where(*here, _attendance.c.presence == found)
            .values(values | {"made_up_lesson_id": None})
        )
    return session.execute(wish.returning(_attendance.c.id)).first() is not None
