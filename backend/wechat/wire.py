"""One HTTP exchange with WeChat: timeouts, what may be repeated, and how answers are read."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import httpx
import orjson
import structlog

from backend.wechat.errors import WeChatError, WeChatUnavailable, refusal

# Their debug and info lines contain whole addresses, and ours carry the secret and the token.
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

log = structlog.get_logger(__name__)

T = TypeVar("T")

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30)
PAUSE = 0.2  # seconds before the second try

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Repeat(StrEnum):
    """When a call may be tried a second time."""

    SAFE = "safe"  # reading twice is reading once
    UNSENT = "unsent"  # only if WeChat did not act: never reached, or it said -1
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask of WeChat, and whether asking twice does harm."""

    method: str
    path: str
    repeat: Repeat
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None

    def may_repeat(self, error: WeChatUnavailable) -> bool:
        """Whether a second try after `error` cannot repeat an effect."""
        if self.repeat is Repeat.UNSENT:
            return not error.ambiguous
        return self.repeat is Repeat.SAFE


class Wire:
    """A pool of kept connections to one base address; safe to share between threads."""

    def __init__(self, base_url: str, http: httpx.Client | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http or httpx.Client(timeout=TIMEOUT, limits=LIMITS, trust_env=False)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def call(self, call: Call, query: Mapping[str, str], read: Callable[[httpx.Response], T]) -> T:
        """What `read` makes of the answer, after a second try where that is safe.

        `query` is added to the call's own parameters. Raises a WeChatError.
        """
        try:
            return self._once(call, query, read)
        except WeChatUnavailable as error:
            if not call.may_repeat(error):
                raise
        time.sleep(PAUSE)
        return self._once(call, query, read)

    def _once(self, call: Call, query: Mapping[str, str], read: Callable[[httpx.Response], T]) -> T:
        try:
            return read(self._exchange(call, query))
        except WeChatError as error:
            write = log.warning if error.retryable else log.info
            write(
                "wechat call failed",
                path=call.path,
                errcode=error.errcode,
                errmsg=error.errmsg,
                rid=error.rid,
            )
            raise

    def _exchange(self, call: Call, query: Mapping[str, str]) -> httpx.Response:
        try:
            response = self._http.request(
                call.method,
                self._base_url + call.path,
                params={**(call.params or {}), **query},
                content=None if call.body is None else orjson.dumps(call.body),
                headers={"Content-Type": "application/json"},
            )
        except _NEVER_SENT as error:
            raise WeChatUnavailable(None, type(error).__name__) from error
        except httpx.HTTPError as error:
            raise WeChatUnavailable(None, type(error).__name__, ambiguous=True) from error
        if response.status_code >= 500:
            raise WeChatUnavailable(None, f"HTTP {response.status_code}", ambiguous=True)
        if response.status_code != 200:
            raise WeChatError(None, f"HTTP {response.status_code}")
        return response


def read_json(response: httpx.Response) -> dict[str, Any]:
    """The answer as an object, whatever content type it claims; raises its refusal if it is one."""
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise WeChatUnavailable(None, "answer is not JSON", ambiguous=True) from error
    if not isinstance(answer, dict):
        raise WeChatUnavailable(None, "answer is not an object", ambiguous=True)
    errcode = answer.get("errcode", 0)
    if not isinstance(errcode, int):
        raise WeChatUnavailable(None, "errcode is no number", ambiguous=True)
    if errcode:
        raise refusal(errcode, str(answer.get("errmsg", "")))
    return answer


def read_image(response: httpx.Response) -> bytes:
    """The image, which comes bare; a refusal comes as JSON under the same HTTP 200."""
    if response.content[:1] == b"{":
        read_json(response)
    if not response.headers.get("Content-Type", "").startswith("image/"):
        raise WeChatUnavailable(None, "answer is not an image")
    return response.content
