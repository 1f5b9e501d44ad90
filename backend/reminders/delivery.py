"""Delivery: what is due goes to the inbox exactly once, and to WeChat where that is possible.

Three steps per batch: prepare (one transaction), send (no database at all), record (one
transaction). A worker that dies between them leaves rows under a lease; when it has run out another
worker takes them up. Any number of workers may run: each claims rows of its own.
"""

from collections import Counter
from collections.abc import Callable

import structlog

from backend import clock
from backend.db import db, transactional
from backend.reminders import preparing, settling
from backend.reminders.preparing import Prepared
from backend.reminders.sending import Answer, send_all
from backend.wechat import provider

log = structlog.get_logger(__name__)


@transactional
def _prepare() -> Prepared:
    return preparing.prepare(db.session(), clock.now())


@transactional
def _record(prepared: Prepared, answers: dict[int, Answer]) -> None:
    settling.record(db.session(), prepared.attempts, answers, prepared.lease, clock.now())


def deliver_due(stopping: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Deliver all that is due; how often WeChat answered what.

    Ends early between two batches when `stopping` says so, or when WeChat takes nothing more.
    """
    answered: Counter[str] = Counter()
    while True:
        prepared = _prepare()
        if prepared.attempts:
            answers = send_all(
                provider.current(), [attempt.outgoing for attempt in prepared.attempts]
            )
            _record(prepared, answers)
            answered.update(map(str, answers.values()))
        if not prepared.claimed or stopping() or Answer.UNTRIED in answered:
            return answered
