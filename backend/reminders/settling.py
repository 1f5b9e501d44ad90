"""What WeChat's answer means for a reminder: done, another try later, or given up with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, bindparam, update
from sqlalchemy.orm import Session

from backend.db import BigInt, UtcDateTime, table_of
from backend.reminders import grants, quiet, reasons
from backend.reminders.models import Delivery, Reminder
from backend.reminders.sending import Answer, Outgoing

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""Waits after the first attempt, the second, ...; the one after the last wait is the last."""

DOUBTS = 2
"""Attempts whose end nobody knows, before giving up: a message may come twice, not three times."""

_reminder = table_of(Reminder)
_settle = (
    update(_reminder)
    .where(
        _reminder.c.id == bindparam("row_id", type_=BigInt),
        # Whoever overran the lease has lost the row to another worker, who knows better.
        _reminder.c.claimed_until == bindparam("lease", type_=UtcDateTime),
    )
    .values(
        state=bindparam("to_state", type_=String),
        reason=bindparam("because", type_=String),
        due_at=bindparam("next_try_at", type_=UtcDateTime),
        settled_at=bindparam("done_at", type_=UtcDateTime),
        attempts=_reminder.c.attempts - bindparam("untried", type_=Integer),
        in_doubt=_reminder.c.in_doubt - bindparam("known", type_=Integer),
        claimed_until=None,
    )
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a claimed reminder stands while its message is on its way: this attempt is counted."""

    outgoing: Outgoing
    due_at: datetime
    attempts: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: Delivery
    reason: Any = None
    retry_at: datetime | None = None


_FINAL = {
    Answer.TAKEN: _Outcome(Delivery.SENT),
    Answer.NOT_SUBSCRIBED: _Outcome(Delivery.INBOX, reasons.NOT_SUBSCRIBED),
    Answer.OPENID_UNKNOWN: _Outcome(Delivery.INBOX, reasons.OPENID_UNKNOWN),
    Answer.REFUSED: _Outcome(Delivery.FAILED, reasons.REFUSED),
}


def _outcome(attempt: Attempt, answer: Answer, now: datetime) -> _Outcome:
    if answer in _FINAL:
        return _FINAL[answer]
    if answer is Answer.SILENT and attempt.in_doubt >= DOUBTS:
        return _Outcome(Delivery.FAILED, reasons.UNANSWERED)
    if answer is Answer.UNTRIED:
        wait = BACK_OFF[0]
    elif answer is Answer.QUOTA:
        return _Outcome(Delivery.DUE, None, quiet.next_morning(now))
    elif attempt.attempts > len(BACK_OFF):
        return _Outcome(Delivery.FAILED, reasons.GIVEN_UP)
    else:
        wait = BACK_OFF[attempt.attempts - 1]
    # What may be told at night may also be tried again at night.
    at_night = quiet.is_quiet(attempt.due_at)
    return _Outcome(Delivery.DUE, None, now + wait if at_night else quiet.after_quiet(now + wait))


def record(
    session: Session,
    attempts: Sequence[Attempt],
    answers: Mapping[int, Answer],
    lease: datetime,
    now: datetime,
) -> None:
    """Write down how the messages of a batch ended, and what that did to the grants."""
    rows = [_row(one, answers[one.outgoing.reminder_id], lease, now) for one in attempts]
    session.execute(_settle, rows)
    grants.spend(session, _to(attempts, answers, Answer.TAKEN), now)
    for openid, template_id in _to(attempts, answers, Answer.NOT_SUBSCRIBED):
        grants.refused(session, openid, template_id, grants.REFUSED_BY_WECHAT, now)


def _row(attempt: Attempt, answer: Answer, lease: datetime, now: datetime) -> dict[str, Any]:
    outcome = _outcome(attempt, answer, now)
    waits = outcome.state is Delivery.DUE
    return {
        "row_id": attempt.outgoing.reminder_id,
        "lease": lease,
        "to_state": outcome.state,
        "because": None if outcome.reason is None else str(outcome.reason),
        "next_try_at": outcome.retry_at or attempt.due_at,
        "done_at": None if waits else now,
        "untried": int(answer is Answer.UNTRIED),
        "known": int(answer is not Answer.SILENT),
    }


def _to(
    attempts: Sequence[Attempt], answers: Mapping[int, Answer], wanted: Answer
) -> list[grants.Grant]:
    return sorted(
        (one.outgoing.openid, one.outgoing.template_id)
        for one in attempts
        if answers[one.outgoing.reminder_id] is wanted
    )
