"""When a stall will come to whoever waits, and to somebody new: its desks, its pace, its breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.market.grid import MINUTE, moment
from backend.market.line import LATEST, pace
from backend.market.models import IN_LINE, Stage, Ticket

_ticket = table_of(Ticket)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The first is called at `begins`, then one every `step`, outside the breaks."""

    begins: datetime
    step: timedelta
    breaks: Sequence[tuple[datetime, datetime]]

    def skipping(self, at: datetime) -> datetime:
        """`at`, or the end of the break it falls into."""
        return next((ends for begins, ends in self.breaks if begins <= at < ends), at)

    def after(self, count: int) -> datetime:
        """When somebody with so many before them is called."""
        at = self.skipping(self.begins)
        for _ in range(count):
            at = self.skipping(at + self.step)
        return at


def outlook(stall: Any, called: Sequence[datetime], each: timedelta, now: datetime) -> Outlook:
    """A stall as it stands; `called`: since when its desks have somebody."""
    begins = max(now, moment(stall.day, stall.from_minute))
    if len(called) >= stall.at_once:  # a desk comes free as the longest has had their time
        begins = max(begins, min(called) + each)
    breaks = [(moment(stall.day, a), moment(stall.day, b)) for a, b in stall.breaks]
    return Outlook(begins, each / stall.at_once, breaks)


def in_vain(session: Session, stall: Any, now: datetime) -> datetime | None:
    """When somebody new would be called, if that is not before the stall closes; else None.

    Two reads; none while nobody has been called yet and all who took a number fit in.
    """
    closes_at = moment(stall.day, stall.until_minute)
    if not stall.calls:
        usual = outlook(stall, (), stall.minutes * MINUTE, now)
        resting = sum((ends - begins for begins, ends in usual.breaks), timedelta())
        if usual.begins + stall.last_number * usual.step + resting < closes_at:
            return None
    at = newcomer_at(session, stall, now)
    return at if at >= closes_at else None


def newcomer_at(session: Session, stall: Any, now: datetime) -> datetime:
    """When somebody who takes a number now can expect to be called; two reads."""
    here = _ticket.c.stall_id == stall.id
    line = session.execute(
        select(_ticket.c.stage, _ticket.c.called_at).where(here, _ticket.c.stage.in_(IN_LINE))
    ).all()
    served = session.execute(
        select(_ticket.c.called_at, _ticket.c.ended_at)
        .where(here, _ticket.c.stage == Stage.SERVED)
        .order_by(_ticket.c.ended_at.desc())
        .limit(LATEST)
    ).all()
    each = pace(stall.minutes, [row.ended_at - row.called_at for row in served])
    called = [row.called_at for row in line if row.stage == Stage.CALLED]
    return outlook(stall, called, each, now).after(len(line) - len(called))
