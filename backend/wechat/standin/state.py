"""What the stand-in remembers: codes, grants, visits and messages. In memory, behind one lock."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.wechat.standin.answers import Refused
from backend.wechat.standin.library import MessageTemplate
from backend.wechat.standin.residents import Residents
from backend.wechat.standin.settings import StandinSettings

CODE_LIFE = timedelta(minutes=5)
VISIT_LIFE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that arrived on a phone; `fields` are labels and texts in the template's order."""

    id: int
    openid: str
    template_id: str
    title: str
    data: dict[str, str]
    fields: tuple[tuple[str, str], ...]
    page: str
    lang: str
    state: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class _Code:
    openid: str
    phone: str
    ends_at: datetime


class State:
    """Codes work once and for five minutes; each accept grants one message."""

    def __init__(
        self, settings: StandinSettings, residents: Residents, now: Callable[[], datetime]
    ) -> None:
        self._residents = residents
        self._now = now
        self._lock = threading.Lock()
        self._unionids = settings.unionids
        self._login_codes: dict[str, _Code] = {}
        self._phone_codes: dict[str, _Code] = {}
        self._known: set[str] = set()
        self._visits: dict[str, datetime] = {}
        self._grants: dict[tuple[str, str], int] = {}
        self._off: set[tuple[str, str]] = set()
        self._messages: list[Message] = []
        self._by_phone: dict[str, list[Message]] = {}

    def new_login_code(self, openid: str) -> str:
        """What `wx.login` would give this person; the person is known from now on."""
        return self._new_code(self._login_codes, openid, "")

    def new_phone_code(self, openid: str, phone: str) -> str:
        """What the getPhoneNumber button would give; `phone` defaults to the one on file."""
        on_file = self._residents.all().get(openid)
        phone = phone or (on_file.phone if on_file else "")
        if not phone:
            raise Refused(40003, "no phone number on file for this openid")
        return self._new_code(self._phone_codes, openid, phone)

    def use_login_code(self, code: str) -> dict[str, str]:
        """The session behind a login code. Raises 40029 for an unknown, used or old one."""
        openid = self._use(self._login_codes, code).openid
        with self._lock:
            self._visits[openid] = self._now()
        session = {"openid": openid, "session_key": _session_key()}
        if self._unionids:
            session["unionid"] = "u" + hashlib.sha256(openid.encode()).hexdigest()[:27]
        return session

    def use_phone_code(self, code: str, openid: str | None) -> str:
        """The phone number behind a phone code. Raises 40029, 40003 if it is somebody else's."""
        found = self._use(self._phone_codes, code)
        if openid and found.openid and openid != found.openid:
            raise Refused(40003, "invalid openid")
        return found.phone

    def is_user(self, openid: str) -> bool:
        """Whether this openid is on file or has signed in at least once."""
        return openid in self._known or openid in self._residents.all()

    def visited_lately(self, openid: str) -> bool:
        """Whether this person opened the mini-program within two hours."""
        at = self._visits.get(openid)
        return at is not None and self._now() - at < VISIT_LIFE

    def grants(self, openid: str) -> dict[str, int]:
        """Messages this person still allows, by template."""
        with self._lock:
            return {tmpl: left for (who, tmpl), left in self._grants.items() if who == openid}

    def answer_popup(self, openid: str, template_id: str, *, accepted: bool) -> None:
        """One tap in the popup; an accept also switches the template on again."""
        with self._lock:
            self._known.add(openid)
            self._visits[openid] = self._now()
            key = (openid, template_id)
            if accepted:
                self._grants[key] = self._grants.get(key, 0) + 1
                self._off.discard(key)

    def switch_off(self, openid: str, template_id: str) -> None:
        """Refused in WeChat's settings: what was granted is gone."""
        with self._lock:
            self._grants.pop((openid, template_id), None)
            self._off.add((openid, template_id))

    def deliver(
        self,
        openid: str,
        template: MessageTemplate,
        data: dict[str, str],
        page: str,
        lang: str,
        state: str,
    ) -> Message:
        """Use one grant and put the message on the phone. Raises 43101 when none is left."""
        with self._lock:
            key = (openid, template.template_id)
            left = self._grants.get(key, 0)
            if key in self._off or (left < 1 and not template.long_term):
                raise Refused(43101, "user refuse to accept the msg")
            if not template.long_term:
                self._grants[key] = left - 1
            message = Message(
                id=len(self._messages) + 1,
                openid=openid,
                template_id=template.template_id,
                title=template.title,
                data=data,
                fields=tuple((label, data[name]) for name, label in template.fields.items()),
                page=page,
                lang=lang,
                state=state,
                sent_at=self._now(),
            )
            self._messages.append(message)
            self._by_phone.setdefault(openid, []).append(message)
            return message

    def messages(self, openid: str | None = None) -> list[Message]:
        """What arrived, oldest first: on one phone or on all."""
        with self._lock:
            return list(self._messages if openid is None else self._by_phone.get(openid, []))

    def forget(self) -> None:
        """Back to the first moment, for the next test."""
        with self._lock:
            for kept in (self._login_codes, self._phone_codes, self._visits, self._grants):
                kept.clear()
            self._known.clear()
            self._off.clear()
            self._messages.clear()
            self._by_phone.clear()

    def _new_code(self, codes: dict[str, _Code], openid: str, phone: str) -> str:
        code = "0" + secrets.token_urlsafe(23)  # 32 characters, as WeChat's
        now = self._now()
        with self._lock:
            for old in [text for text, kept in codes.items() if kept.ends_at <= now]:
                del codes[old]
            codes[code] = _Code(openid, phone, now + CODE_LIFE)
            self._known.add(openid)
        return code

    def _use(self, codes: dict[str, _Code], code: str) -> _Code:
        with self._lock:
            found = codes.pop(code, None)
        if found is None or self._now() >= found.ends_at:
            raise Refused(40029, "invalid code")
        return found


def _session_key() -> str:
    return secrets.token_urlsafe(16)[:22].replace("-", "+").replace("_", "/") + "=="
