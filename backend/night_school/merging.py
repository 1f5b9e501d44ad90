"""When two entries for one human become one, attendance of an ended double enrolment follows."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from backend.booking.merging import MERGED
from backend.booking.models import LIVE, Booking, BookingEvent
from backend.night_school.excuses.models import Excuse
from backend.night_school.fees import service as fees
from backend.night_school.models import Attendance
from backend.night_school.uploads.models import UploadedEntry
from backend.people.merging import Merge, follows
from backend.standing import merging as standing


@follows
def attendance_follows(session: Session, done: Merge) -> None:
    """Lessons marked on the booking that ended are marked on the one that stays.

    Where both are marked, the mark on the one that stays holds. Excuses and what devices
    uploaded go along.
    """
    ended, stays = aliased(Booking), aliased(Booking)
    pairs = session.execute(
        select(ended.id.label("ended_id"), stays.id.label("stays_id"))
        .join(BookingEvent, BookingEvent.booking_id == ended.id)
        .join(stays, (stays.bookable_id == ended.bookable_id) & (stays.id != ended.id))
        .where(
            BookingEvent.reason == MERGED,
            BookingEvent.at == done.now,
            ended.person_id == done.into_id,
            stays.person_id == done.into_id,
            stays.state.in_(LIVE),
        )
    ).all()
    for pair in pairs:
        fees.move(session, pair.ended_id, pair.stays_id)
        standing.move(session, pair.ended_id, pair.stays_id)
        marked = aliased(Attendance)
        session.execute(
            update(Attendance)
            .where(
                Attendance.booking_id == pair.ended_id,
                ~exists(
                    select(marked.id).where(
                        marked.booking_id == pair.stays_id,
                        marked.lesson_id == Attendance.lesson_id,
                    )
                ),
            )
            .values(booking_id=pair.stays_id)
            .execution_options(synchronize_session=False)
        )
        asked = aliased(Excuse)
        session.execute(
            update(Excuse)
            .where(
                Excuse.booking_id == pair.ended_id,
                ~exists(
                    select(asked.id).where(
                        asked.booking_id == pair.stays_id, asked.lesson_id == Excuse.lesson_id
                    )
                ),
            )
            .values(booking_id=pair.stays_id)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(UploadedEntry)
            .where(UploadedEntry.booking_id == pair.ended_id)
            .values(booking_id=pair.stays_id)
            .execution_options(synchronize_session=False)
        )
