"""Classes that are too small when sign-up closes: which, and what staff decide about them.

Nothing marks such a class: it is below its least number, sign-up has closed (places that are
drawn have been), and nobody has decided. Cancelling it is the third decision: `desk.cancel_class`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.errors import Cancelled
from backend.db import AnyRow
from backend.errors import Invalid
from backend.night_school import as_shown
from backend.night_school.draws.models import Draw
from backend.night_school.errors import NothingToDecide
from backend.night_school.reach import RUNS, access_class, bookable, place, reaches, run
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

_DRAWN = select(Draw.id).where(Draw.drawn_at.is_not(None))

MANAGE = Permission.MANAGE_CLASSES


def too_small(now: datetime) -> ColumnElement[bool]:
    """Whether a decision is due, as a filter of selects from `RUNS`."""
    return and_(
        bookable.c.taken < run.c.minimum,
        bookable.c.closes_at <= now,
        bookable.c.ends_at > now,
        bookable.c.published_at <= now,
        bookable.c.cancelled_at.is_(None),
        run.c.run_anyway_at.is_(None),
        run.c.draw_id.is_(None) | run.c.draw_id.in_(_DRAWN),
    )


def list_too_small(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """The classes in reach that wait for a decision, the one that begins first on top."""
    rows = session.execute(
        select(
            bookable.c.id, bookable.c.title, bookable.c.taken, bookable.c.starts_at,
            run.c.minimum, place.c.name.label("place_name"),
        )
        .select_from(RUNS)
        .where(reaches(me, MANAGE), too_small(now))
        .order_by(bookable.c.starts_at, bookable.c.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def standing(shown: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Of a class as `classes.get_class` shows it: whether a decision is due, and what it can be."""
    at = clock.rfc3339(now)
    due = (
        shown["minimum"] is not None
        and shown["taken"] < shown["minimum"]
        and shown["closes_at"] is not None
        and shown["closes_at"] <= at < shown["ends_at"]
        and shown["published"]
        and not shown["cancelled"]
        and shown["run_anyway_at"] is None
        and not shown["awaits_draw"]
    )
    return {"due": due, "can_extend": at < shown["starts_at"]}


def set_minimum(
    session: Session, me: SignedInStaff, run_id: int, minimum: int | None, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """How many have to sign up for the class to take place; None: it always does.

    Another number opens the decision anew. Raises NotFound, Cancelled, Invalid.
    """
    found, stands = _locked(session, me, run_id, original)
    if minimum is not None and found.capacity is not None and minimum > found.capacity:
        raise Invalid({"minimum": [_("开班人数不能多于名额。")]})
    if stands.minimum == minimum:
        audit.unchanged(session)
        return
    session.execute(
        update(run).where(run.c.id == run_id).values(minimum=minimum, run_anyway_at=None)
    )
    audit.record(
        session, me.staff_id, "class.minimum", "course_run", run_id, place_id=found.place_id,
        before={"minimum": stands.minimum}, after={"minimum": minimum},
    )  # fmt: skip


def run_anyway(
    session: Session, me: SignedInStaff, run_id: int, reason: str, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """The class takes place although it is small. Deciding so twice changes nothing.

    Raises NotFound, Cancelled, NothingToDecide.
    """
    found, stands = _locked(session, me, run_id, original)
    if stands.run_anyway_at is not None:
        audit.unchanged(session)
        return
    _check_due(session, run_id, now)
    session.execute(update(run).where(run.c.id == run_id).values(run_anyway_at=now))
    audit.record(
        session, me.staff_id, "class.run_anyway", "course_run", run_id, place_id=found.place_id,
        before={"taken": found.taken, "minimum": stands.minimum},
        after={"run_anyway": True, "reason": reason},
    )  # fmt: skip


def extend(
    session: Session, me: SignedInStaff, run_id: int, closes_at: datetime, reason: str,
    now: datetime, original: Original | None = None,
) -> None:  # fmt: skip
    """Sign-up stays open until `closes_at`, before the first lesson; then it is looked at again.

    Raises NotFound, Cancelled, NothingToDecide, Invalid.
    """
    found, _stands = _locked(session, me, run_id, original)
    if not now < closes_at <= found.starts_at:
        raise Invalid({"day": [_("新的报名截止要在现在之后、第一次课之前。")]})
    _check_due(session, run_id, now)
    before = session.scalar(select(bookable.c.closes_at).where(bookable.c.id == run_id))
    session.execute(update(bookable).where(bookable.c.id == run_id).values(closes_at=closes_at))
    audit.record(
        session, me.staff_id, "class.extend", "course_run", run_id, place_id=found.place_id,
        before={"closes_at": clock.rfc3339(before)},
        after={"closes_at": clock.rfc3339(closes_at), "reason": reason},
    )  # fmt: skip


def _locked(
    session: Session, me: SignedInStaff, run_id: int, original: Original | None
) -> tuple[AnyRow, AnyRow]:
    access_class(session, me, MANAGE, run_id)
    line.lock(session, run_id)
    found = access_class(session, me, MANAGE, run_id)
    if found.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能再调整。"))
    stands = session.execute(
        select(run.c.minimum, run.c.run_anyway_at, bookable.c.closes_at)
        .select_from(RUNS)
        .where(run.c.id == run_id)
    ).one()
    as_shown.check(session, original, run_id, as_shown.MINIMUM)
    return found, stands


def _check_due(session: Session, run_id: int, now: datetime) -> None:
    due = select(run.c.id).select_from(RUNS).where(run.c.id == run_id, too_small(now))
    if session.execute(due).first() is None:
        raise NothingToDecide()
