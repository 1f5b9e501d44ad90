"""Handing messages to WeChat: several at once, over kept connections, holding no database."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import structlog

from backend import clock
from backend.wechat import errors
from backend.wechat.client import WeChatClient
from backend.wechat.fields import FieldProblem

log = structlog.get_logger(__name__)

SENDERS = 16
"""Messages under way at once; WeChat takes thousands a minute."""

PATIENCE = 45.0
"""Seconds after which a batch begins no further calls, so that it ends within its lease."""

FAILURES = 5
"""Calls in a row that WeChat did not take up, after which the rest of the batch is for later."""


class Answer(StrEnum):
    """What became of one message."""

    TAKEN = "taken"
    NOT_SUBSCRIBED = "not_subscribed"
    OPENID_UNKNOWN = "openid_unknown"
    REFUSED = "refused"  # wrong in itself: no later attempt would be taken either
    BUSY = "busy"  # surely not taken; later it may be
    QUOTA = "quota"  # today's quota is used up
    SILENT = "silent"  # no answer: it may have arrived
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way, in plain values: nothing here needs the database."""

    reminder_id: int
    openid: str
    template_id: str
    page: str
    fields: Mapping[str, str]
    lang: str


class _Patience:
    """When to stop asking a WeChat that is down, slow, or has had enough."""

    def __init__(self) -> None:
        self._until = clock.monotonic() + PATIENCE
        self._lock = threading.Lock()
        self._failures = 0

    @property
    def ended(self) -> bool:
        return self._failures >= FAILURES or clock.monotonic() > self._until

    def note(self, answer: Answer) -> None:
        with self._lock:
            failed = answer in (Answer.SILENT, Answer.BUSY, Answer.QUOTA)
            self._failures = self._failures + 1 if failed else 0


def send_all(client: WeChatClient, batch: Sequence[Outgoing]) -> dict[int, Answer]:
    """Send a batch; the answers by reminder id. It ends within a minute, however slow WeChat is."""
    patience = _Patience()

    def send(one: Outgoing) -> Answer:
        if patience.ended:
            return Answer.UNTRIED
        answer = _send_one(client, one)
        patience.note(answer)
        return answer

    with ThreadPoolExecutor(min(SENDERS, len(batch)) or 1, "send") as pool:
        answers = list(pool.map(send, batch))
    return {one.reminder_id: answer for one, answer in zip(batch, answers, strict=True)}


def _send_one(client: WeChatClient, one: Outgoing) -> Answer:
    try:
        client.send_subscribe_message(one.openid, one.template_id, one.page, one.fields, one.lang)
    except errors.WeChatUnavailable as error:
        return Answer.SILENT if error.ambiguous else Answer.BUSY
    except errors.RateLimited as error:
        return Answer.QUOTA if error.daily else Answer.BUSY
    except errors.NotSubscribed:
        return Answer.NOT_SUBSCRIBED
    except errors.OpenIdInvalid:
        return Answer.OPENID_UNKNOWN
    except errors.WeChatError as error:
        return Answer.BUSY if error.retryable else _refused(one, error)
    except FieldProblem as error:
        return _refused(one, error)
    except Exception:  # whatever it was, the message may be out: the worker must live to note it
        log.exception("sending failed", reminder_id=one.reminder_id)
        return Answer.SILENT
    return Answer.TAKEN


def _refused(one: Outgoing, error: Exception) -> Answer:
    log.error("wechat refused a reminder", reminder_id=one.reminder_id, error=str(error))
    return Answer.REFUSED
