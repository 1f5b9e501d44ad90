"""Delivery: what is due goes to the inbox exactly once, and to WeChat where that is possible.

Three steps per batch: prepare (one transaction), send (no database at all), record (one
transaction). A worker that dies between them leaves rows under a lease; when it has run out another
worker takes them up. Any number of workers may run: each claims rows of its own.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from backend import clock
from backend.db import db, transactional
from backend.reminders import preparing, settling
from backend.reminders.preparing import Prepared
from backend.reminders.sending import Answer, Outgoing, send_all
from backend.wechat import provider

log = structlog.get_logger(__name__)


@transactional
def _prepare() -> Prepared:
    return preparing.prepare(db.session(), clock.now())


@transactional
def _record(prepared: Prepared, answers: dict[int, Answer]) -> None:
    if prepared.attempts:
        settling.record(db.session(), prepared.attempts, answers, prepared.lease, clock.now())


def deliver_due(stopping: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Deliver all that is due; how often WeChat answered what.

    While one batch is on its way, the next is prepared. Ends early between two batches when
    `stopping` says so, or when WeChat takes nothing more; what was prepared by then goes back.
    """
    answered: Counter[str] = Counter()
    client = provider.current()
    with ThreadPoolExecutor(1, "batch") as courier:
        prepared = _prepare()
        while prepared.claimed:
            on_its_way = courier.submit(send_all, client, _outgoing(prepared))
            try:
                following = _prepare()
            finally:  # whatever became of the next batch, this one's answers are not lost
                answers = on_its_way.result()
                _record(prepared, answers)
            answered.update(map(str, answers.values()))
            prepared = following
            if stopping() or Answer.UNTRIED in answered:
                _record(prepared, {one.reminder_id: Answer.UNTRIED for one in _outgoing(prepared)})
                break
    return answered


def _outgoing(prepared: Prepared) -> list[Outgoing]:
    return [attempt.outgoing for attempt in prepared.attempts]
