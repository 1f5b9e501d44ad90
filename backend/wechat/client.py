"""The calls this product makes to WeChat's servers, over HTTP, with typed answers and errors.

The client knows its base address and nothing about who answers there. It repeats a call only
where that cannot repeat an effect. It must not be called inside a database transaction.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import httpx
import orjson
import structlog

from backend import clock as wall_clock
from backend.wechat import fields
from backend.wechat.errors import TokenRejected, WeChatError, WeChatUnavailable, refusal
from backend.wechat.tokens import AccessToken, Tokens

# Their debug and info lines contain whole addresses, and ours carry the secret and the token.
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

T = TypeVar("T")

log = structlog.get_logger(__name__)

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30)
PAUSE = 0.2  # seconds before the second try
TEXT_LIMIT = 2500  # characters one text check takes

_ENV_VERSION = {"formal": "release", "trial": "trial", "developer": "develop"}
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_PLACEHOLDER = re.compile(r"(?m)^\s*(.*?)\s*[:：]?\s*\{\{(\w+)\.DATA\}\}")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class WeChatSession:
    """Who stands behind a login code. WeChat's session key is not kept: nothing here needs it."""

    openid: str
    unionid: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A message template of the account; `fields` maps each key to the label people read."""

    template_id: str
    title: str
    fields: Mapping[str, str]
    long_term: bool


class Verdict(StrEnum):
    """What WeChat thinks of a text: publish it, let a person look, or refuse it."""

    PASS = "pass"  # noqa: S105 - WeChat's word, no password
    REVIEW = "review"
    RISKY = "risky"


class Repeat(StrEnum):
    """When a call may be tried a second time."""

    SAFE = "safe"  # reading twice is reading once
    UNSENT = "unsent"  # only if WeChat did not act: never reached, or it said -1
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    repeat: Repeat
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None

    def may_repeat(self, error: WeChatUnavailable) -> bool:
        if self.repeat is Repeat.UNSENT:
            return not error.ambiguous
        return self.repeat is Repeat.SAFE


class WeChatClient:
    """WeChat's servers as seen by one mini-program; safe to share between threads.

    Every method raises WeChatUnavailable when WeChat is busy, slow or unreachable, RateLimited
    when it has had enough, and another WeChatError when it refuses.
    """

    def __init__(
        self,
        base_url: str,
        appid: str,
        secret: str,
        *,
        tokens: Tokens,
        http: httpx.Client | None = None,
        clock: Callable[[], datetime] = wall_clock.now,
        state: str = "formal",
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._appid = appid
        self._secret = secret
        self._tokens = tokens
        self._http = http or httpx.Client(timeout=TIMEOUT, limits=LIMITS, trust_env=False)
        self._now = clock
        self._state = state

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def code_to_session(self, code: str) -> WeChatSession:
        """Exchange the code of `wx.login`, which works once and for five minutes.

        Raises CodeInvalid for a code that is unknown, used or expired, and UserBlocked for people
        WeChat itself keeps out.
        """
        answer = self._plain(
            _Call(
                "GET",
                "/sns/jscode2session",
                Repeat.UNSENT,
                params={
                    "appid": self._appid,
                    "secret": self._secret,
                    "js_code": code,
                    "grant_type": "authorization_code",
                },
            )
        )
        unionid = answer.get("unionid")
        return WeChatSession(_text(answer, "openid"), str(unionid) if unionid else None)

    def phone_number(self, code: str, openid: str | None = None) -> str:
        """Exchange the code of a getPhoneNumber button: 11 digits in China, else `+…` (E.164).

        With `openid`, WeChat also checks that the code belongs to that person. Raises CodeInvalid.
        """
        body = {"code": code} | ({"openid": openid} if openid else {})
        answer = self._with_token(
            _Call("POST", "/wxa/business/getuserphonenumber", Repeat.UNSENT, body=body)
        )
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise WeChatUnavailable(None, "answer without phone_info", ambiguous=True)
        country = str(info.get("countryCode") or "86").lstrip("+")
        number = re.sub(r"\D", "", _text(info, "purePhoneNumber"))
        return number if country == "86" else f"+{country}{number}"

    def send_subscribe_message(
        self, openid: str, template_id: str, page: str, data: Mapping[str, str], lang: str
    ) -> int | None:
        """Send one message; returns WeChat's message id if it names one.

        `page` is what opens on a tap, `data` maps field keys to plain texts (shortened to fit as
        `fields.fit` says), `lang` is `zh_CN` or `en_US`. Sent at most once by this call: after
        WeChatUnavailable with `ambiguous` set, the message may have arrived. Raises NotSubscribed,
        FieldInvalid, OpenIdInvalid, TemplateInvalid, ReceiverBusy, and fields.FieldProblem before
        anything is sent.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "miniprogram_state": self._state,
            "lang": lang,
            "data": fields.fit(data),
        }
        answer = self._with_token(
            _Call("POST", "/cgi-bin/message/subscribe/send", Repeat.NEVER, body=body)
        )
        msgid = answer.get("msgid")
        return int(msgid) if isinstance(msgid, int | str) and str(msgid).isdigit() else None

    def mini_program_code(self, scene: str, page: str) -> bytes:
        """The image of a mini-program code that opens `page` with `scene`; keep it, it is stable.

        `scene` is up to 32 letters, digits or ``!#$&'()*+,/:;=?@-._~``; raises ValueError for
        anything else. `page` has no leading slash and no query.
        """
        if not _SCENE.fullmatch(scene):
            raise ValueError(f"a scene cannot carry {scene!r}")
        body = {
            "scene": scene,
            "page": page.lstrip("/"),
            "env_version": _ENV_VERSION[self._state],
            "check_path": self._state == "formal",
        }
        call = _Call("POST", "/wxa/getwxacodeunlimit", Repeat.SAFE, body=body)
        return self._authorised(call, _read_image)

    def check_text(self, openid: str, scene: int, content: str) -> Verdict:
        """WeChat's opinion of a text others will read; it must be shown, not only stored.

        `scene` is 1 for profiles, 2 comments, 3 forums, 4 diaries. Raises NotVisited if the person
        has not opened the mini-program for two hours, ValueError beyond 2,500 characters.
        """
        if len(content) > TEXT_LIMIT:
            raise ValueError(f"a text check takes at most {TEXT_LIMIT} characters")
        body = {"version": 2, "openid": openid, "scene": scene, "content": content}
        answer = self._with_token(_Call("POST", "/wxa/msg_sec_check", Repeat.SAFE, body=body))
        result = answer.get("result")
        try:
            return Verdict(_text(result, "suggest"))
        except ValueError:
            return Verdict.REVIEW  # an opinion we do not know is for a person to judge

    def templates(self) -> list[Template]:
        """The message templates of the account, to check the configured ones at start."""
        answer = self._with_token(_Call("GET", "/wxaapi/newtmpl/gettemplate", Repeat.SAFE))
        return [
            Template(
                template_id=_text(row, "priTmplId"),
                title=_text(row, "title"),
                fields={key: label for label, key in _PLACEHOLDER.findall(row.get("content", ""))},
                long_term=row.get("type") == 3,
            )
            for row in answer.get("data", [])
        ]

    def _fetch_token(self) -> AccessToken:
        """Ask for the token everybody shares, never for a forced new one.

        `expires_in` counts from when WeChat answered, so the moment before asking is the safe base.
        """
        asked = self._now()
        answer = self._plain(
            _Call(
                "POST",
                "/cgi-bin/stable_token",
                Repeat.SAFE,
                body={
                    "grant_type": "client_credential",
                    "appid": self._appid,
                    "secret": self._secret,
                    "force_refresh": False,
                },
            )
        )
        seconds = answer.get("expires_in")
        if not isinstance(seconds, int):
            raise WeChatUnavailable(None, "answer without expires_in")
        return AccessToken(_text(answer, "access_token"), asked + timedelta(seconds=seconds))

    def _plain(self, call: _Call) -> dict[str, Any]:
        return self._try_twice(call, dict(call.params or {}), _read_json)

    def _with_token(self, call: _Call) -> dict[str, Any]:
        return self._authorised(call, _read_json)

    def _authorised(self, call: _Call, read: Callable[[httpx.Response], T]) -> T:
        """Make the call with the shared token, once more with a new one if WeChat refuses it.

        A call refused for its token has had no effect, so this holds for sending too.
        """
        token = self._tokens.get(self._fetch_token)
        try:
            return self._try_twice(call, {"access_token": token.value}, read)
        except TokenRejected:
            self._tokens.drop(token)
        token = self._tokens.get(self._fetch_token)
        return self._try_twice(call, {"access_token": token.value}, read)

    def _try_twice(
        self, call: _Call, params: Mapping[str, str], read: Callable[[httpx.Response], T]
    ) -> T:
        try:
            return self._once(call, params, read)
        except WeChatUnavailable as error:
            if not call.may_repeat(error):
                raise
        time.sleep(PAUSE)
        return self._once(call, params, read)

    def _once(
        self, call: _Call, params: Mapping[str, str], read: Callable[[httpx.Response], T]
    ) -> T:
        try:
            return read(self._exchange(call, params))
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

    def _exchange(self, call: _Call, params: Mapping[str, str]) -> httpx.Response:
        try:
            response = self._http.request(
                call.method,
                self._base_url + call.path,
                params=params,
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


def _read_json(response: httpx.Response) -> dict[str, Any]:
    """The answer as an object, whatever content type it claims; raises its refusal if it is one."""
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise WeChatUnavailable(None, "answer is not JSON", ambiguous=True) from error
    if not isinstance(answer, dict):
        raise WeChatUnavailable(None, "answer is not an object", ambiguous=True)
    errcode = answer.get("errcode", 0)
    if errcode:
        raise refusal(int(errcode), str(answer.get("errmsg", "")))
    return answer


def _read_image(response: httpx.Response) -> bytes:
    """The image, which comes bare; a refusal comes as JSON under the same HTTP 200."""
    if response.content[:1] == b"{":
        _read_json(response)
    if not response.headers.get("Content-Type", "").startswith("image/"):
        raise WeChatUnavailable(None, "answer is not an image")
    return response.content


def _text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise WeChatUnavailable(None, f"answer without {key}", ambiguous=True)
    return value
