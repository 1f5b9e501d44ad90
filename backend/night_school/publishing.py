"""When residents see a class: now, from a moment on, or not yet."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import Cancelled
from backend.booking.models import Bookable
from backend.db import AnyRow
from backend.errors import Invalid
from backend.night_school import as_shown
from backend.night_school.errors import PublishedAlready
from backend.night_school.models import Lesson
from backend.night_school.reach import access_class
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original


def publish(
    session: Session, me: SignedInStaff, run_id: int, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """Residents see the class from now on; they may sign up when it opens.

    Publishing twice changes nothing. Raises NotFound, Cancelled, ChangedMeanwhile, and Invalid
    without lessons.
    """
    found = _publishable(session, me, run_id)
    if found.published_at is not None and found.published_at <= now:
        audit.unchanged(session)
        return
    as_shown.check(session, original, run_id, as_shown.PUBLISHING)
    _check_lessons(session, run_id, now)
    _set(session, me, found, "class.publish", now)


def schedule(
    session: Session, me: SignedInStaff, run_id: int, published_at: datetime, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """Residents see the class from that moment on; until then it is as if it were not there.

    Raises NotFound, Cancelled, PublishedAlready, ChangedMeanwhile, and Invalid for a moment that
    is past, or after which no lesson begins.
    """
    found = _publishable(session, me, run_id)
    if found.published_at is not None and found.published_at <= now:
        raise PublishedAlready()
    if published_at <= now:
        raise Invalid({"published_at": [_("定时发布的时间要在现在之后。")]})
    if published_at == found.published_at:
        audit.unchanged(session)
        return
    as_shown.check(session, original, run_id, as_shown.PUBLISHING)
    _check_lessons(session, run_id, published_at)
    _set(session, me, found, "class.schedule", published_at)


def unschedule(
    session: Session, me: SignedInStaff, run_id: int, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """The class is a draft again. Of a draft: nothing to do.

    Raises NotFound, Cancelled, ChangedMeanwhile, and PublishedAlready if the moment is past.
    """
    found = _publishable(session, me, run_id)
    if found.published_at is None:
        audit.unchanged(session)
        return
    if found.published_at <= now:
        raise PublishedAlready()
    as_shown.check(session, original, run_id, as_shown.PUBLISHING)
    _set(session, me, found, "class.unschedule", None)


def _publishable(session: Session, me: SignedInStaff, run_id: int) -> AnyRow:
    """The class, which stays as it is until the transaction ends."""
    session.execute(select(Bookable.id).where(Bookable.id == run_id).with_for_update())
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if found.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能发布。"))
    return found


def _check_lessons(session: Session, run_id: int, after: datetime) -> None:
    lessons = session.scalar(
        select(func.count()).where(
            Lesson.run_id == run_id, Lesson.starts_at > after, Lesson.cancelled_at.is_(None)
        )
    )
    if not lessons:
        raise Invalid(sentence=_("没有尚未开始的课次，不能发布。"))


def _set(
    session: Session, me: SignedInStaff, found: AnyRow, action: str, at: datetime | None
) -> None:
    session.execute(update(Bookable).where(Bookable.id == found.id).values(published_at=at))
    audit.record(
        session, me.staff_id, action, "course_run", found.id, place_id=found.place_id,
        before={"published_at": clock.rfc3339(found.published_at)},
        after={"published_at": clock.rfc3339(at)},
    )  # fmt: skip
