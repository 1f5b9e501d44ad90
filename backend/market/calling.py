"""At the desks of a stall: call the next, again, skip, not there, served; pause.

Every call holds the stall's row, so two desks never call the same person. What a desk does names
the number it sees: a second tap, or a page that fell behind, changes nothing.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.market import numbers, standing
from backend.market.errors import NobodyWaits, NotCalled, SkippedOnce, StallPaused
from backend.market.line import choose, most_in_a_row, most_passing
from backend.market.models import Stage, Stall, Ticket
from backend.staff import audit
from backend.staff.access import SignedInStaff


def call_next(
    session: Session, me: SignedInStaff, stall_id: int, desk: int, current: int | None,
    now: datetime, note: str | None = None,
) -> int | None:  # fmt: skip
    """Whoever is at the desk (`current`) is served, and the next is called: the number, or None.

    Raises NotFound, NotCalled, StallPaused, and NobodyWaits where there is nothing to do.
    """
    stall = _hold(session, me, stall_id)
    if stall.paused_at is not None:
        raise StallPaused()
    _check_current(session, stall_id, desk, current)
    if current is not None:
        _end(session, stall_id, current, Stage.SERVED, now, note)
    chosen = _next(session, stall, now)
    if chosen is None and current is None:
        raise NobodyWaits()
    if chosen is not None:
        session.execute(
            update(Ticket)
            .where(Ticket.stall_id == stall_id, Ticket.number == chosen)
            .values(stage=Stage.CALLED, desk=desk, called_at=now)
        )
    _audit(session, me, stall, "ticket.call", {"served": current, "called": chosen, "desk": desk})
    return chosen


def recall(session: Session, me: SignedInStaff, stall_id: int, desk: int, current: int) -> None:
    """Call the same number once more. Raises NotFound, NotCalled."""
    stall = _hold(session, me, stall_id)
    _check_current(session, stall_id, desk, current)
    session.execute(
        update(Ticket)
        .where(Ticket.stall_id == stall_id, Ticket.number == current)
        .values(recalls=Ticket.recalls + 1)
    )
    _audit(session, me, stall, "ticket.recall", {"number": current})


def skip(session: Session, me: SignedInStaff, stall_id: int, desk: int, current: int) -> None:
    """Not there just now: back three places, once. Raises NotFound, NotCalled, SkippedOnce."""
    stall = _hold(session, me, stall_id)
    if _check_current(session, stall_id, desk, current) is not None:
        raise SkippedOnce()
    session.execute(
        update(Ticket)
        .where(Ticket.stall_id == stall_id, Ticket.number == current)
        .values(stage=Stage.WAITING, desk=None, called_at=None, skipped_at=stall.calls)
    )
    _audit(session, me, stall, "ticket.skip", {"number": current})


def not_there(
    session: Session, me: SignedInStaff, stall_id: int, desk: int, current: int, now: datetime
) -> None:
    """They have not come. Raises NotFound, NotCalled."""
    stall = _hold(session, me, stall_id)
    _check_current(session, stall_id, desk, current)
    _end(session, stall_id, current, Stage.NO_SHOW, now)
    _audit(session, me, stall, "ticket.no_show", {"number": current})


def serve(
    session: Session, me: SignedInStaff, stall_id: int, desk: int, current: int, now: datetime,
    note: str | None = None,
) -> None:  # fmt: skip
    """Done, without calling anybody next. Raises NotFound, NotCalled."""
    stall = _hold(session, me, stall_id)
    _check_current(session, stall_id, desk, current)
    _end(session, stall_id, current, Stage.SERVED, now, note)
    _audit(session, me, stall, "ticket.serve", {"number": current})


def pause(session: Session, me: SignedInStaff, stall_id: int, now: datetime) -> None:
    """Nobody is called until `go_on`; numbers are given all the same. Raises NotFound."""
    stall = _hold(session, me, stall_id)
    session.execute(
        update(Stall).where(Stall.id == stall_id, Stall.paused_at.is_(None)).values(paused_at=now)
    )
    _audit(session, me, stall, "stall.pause")


def go_on(session: Session, me: SignedInStaff, stall_id: int) -> None:
    """Go on after a pause. Raises NotFound."""
    stall = _hold(session, me, stall_id)
    session.execute(update(Stall).where(Stall.id == stall_id).values(paused_at=None))
    _audit(session, me, stall, "stall.go_on")


def _hold(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    """The stall as it stands; its row is held. Raises NotFound."""
    session.execute(select(Stall.id).where(Stall.id == stall_id).with_for_update())
    return numbers.at_my_stall(session, me, stall_id)


def _check_current(session: Session, stall_id: int, desk: int, current: int | None) -> int | None:
    """Whoever is at the desk is who the page shows; when they were skipped. Raises NotCalled."""
    row = session.execute(
        select(Ticket.number, Ticket.skipped_at).where(
            Ticket.stall_id == stall_id, Ticket.desk == desk, Ticket.stage == Stage.CALLED
        )
    ).first()
    if (None if row is None else row.number) != current:
        raise NotCalled()
    return None if row is None else row.skipped_at


def _end(
    session: Session, stall_id: int, number: int, stage: Stage, now: datetime,
    note: str | None = None,
) -> None:  # fmt: skip
    session.execute(
        update(Ticket)
        .where(Ticket.stall_id == stall_id, Ticket.number == number)
        .values(stage=stage, ended_at=now, note=note)
    )


def _next(session: Session, stall: AnyRow, now: datetime) -> int | None:
    tickets = session.execute(
        select(*standing.COLUMNS).where(Ticket.stall_id == stall.id)
    ).all()  # fmt: skip
    line = standing.waiting(tickets)
    if not line:
        return None
    turns = standing.turns(stall, tickets)
    passing = most_passing(stall.slot_minutes, stall.at_once)
    chosen = choose(line, now, turns, most_in_a_row(stall.walk_up_percent), passing)
    session.execute(
        update(Stall).where(Stall.id == stall.id).values(calls=turns.calls, in_a_row=turns.in_a_row)
    )
    return chosen.number


def _audit(
    session: Session, me: SignedInStaff, stall: AnyRow, action: str,
    after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "stall", stall.id, after=after, place_id=stall.place_id
    )
