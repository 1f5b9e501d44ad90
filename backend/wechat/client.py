"""The calls this product makes to WeChat's servers, over HTTP, with typed answers and errors.

The client knows its base address and nothing about who answers there. It repeats a call only
where that cannot repeat an effect. It must not be called inside a database transaction.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import httpx

from backend import clock as wall_clock
from backend.wechat import fields
from backend.wechat.errors import TokenRejected, WeChatUnavailable
from backend.wechat.tokens import AccessToken, Tokens
from backend.wechat.wire import Call, Repeat, Wire, read_image, read_json

TEXT_LIMIT = 2500  # characters one text check takes

_ENV_VERSION = {"formal": "release", "trial": "trial", "developer": "develop"}
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_PLACEHOLDER = re.compile(r"(?m)^\s*(.*?)\s*[:：]?\s*\{\{(\w+)\.DATA\}\}")

T = TypeVar("T")


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
        self._wire = Wire(base_url, http)
        self._appid = appid
        self._secret = secret
        self._tokens = tokens
        self._now = clock
        self._state = state

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def code_to_session(self, code: str) -> WeChatSession:
        """Exchange the code of `wx.login`, which works once and for five minutes.

        Raises CodeInvalid for a code that is unknown, used or expired, and UserBlocked for people
        WeChat itself keeps out.
        """
        answer = self._plain(
            Call(
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
            Call("POST", "/wxa/business/getuserphonenumber", Repeat.UNSENT, body=body)
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
            Call("POST", "/cgi-bin/message/subscribe/send", Repeat.NEVER, body=body)
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
        call = Call("POST", "/wxa/getwxacodeunlimit", Repeat.SAFE, body=body)
        return self._authorised(call, read_image)

    def check_text(self, openid: str, scene: int, content: str) -> Verdict:
        """WeChat's opinion of a text others will read; it must be shown, not only stored.

        `scene` is 1 for profiles, 2 comments, 3 forums, 4 diaries. Raises NotVisited if the person
        has not opened the mini-program for two hours, ValueError beyond 2,500 characters.
        """
        if len(content) > TEXT_LIMIT:
            raise ValueError(f"a text check takes at most {TEXT_LIMIT} characters")
        body = {"version": 2, "openid": openid, "scene": scene, "content": content}
        answer = self._with_token(Call("POST", "/wxa/msg_sec_check", Repeat.SAFE, body=body))
        result = answer.get("result")
        try:
            return Verdict(_text(result, "suggest"))
        except ValueError:
            return Verdict.REVIEW  # an opinion we do not know is for a person to judge

    def templates(self) -> list[Template]:
        """The message templates of the account, to check the configured ones at start."""
        answer = self._with_token(Call("GET", "/wxaapi/newtmpl/gettemplate", Repeat.SAFE))
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
            Call(
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

    def _plain(self, call: Call) -> dict[str, Any]:
        return self._wire.call(call, {}, read_json)

    def _with_token(self, call: Call) -> dict[str, Any]:
        return self._authorised(call, read_json)

    def _authorised(self, call: Call, read: Callable[[httpx.Response], T]) -> T:
        """Make the call with the shared token, once more with a new one if WeChat refuses it.

        A call refused for its token has had no effect, so this holds for sending too.
        """
        token = self._tokens.get(self._fetch_token)
        try:
            return self._wire.call(call, {"access_token": token.value}, read)
        except TokenRejected:
            self._tokens.drop(token)
        token = self._tokens.get(self._fetch_token)
        return self._wire.call(call, {"access_token": token.value}, read)


def _text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise WeChatUnavailable(None, f"answer without {key}", ambiguous=True)
    return value
