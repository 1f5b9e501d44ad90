"""What the stand-in needs to know, and the conditions under which it refuses to exist."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.config import Settings
from backend.wechat.push import PushKeys
from backend.wechat.standin.library import MessageTemplate, templates

APPID = "wx00000000standin1"
SECRET = "standin-secret"  # noqa: S105 - has to be recognisable as no real one


class StandinRefused(Exception):
    """The stand-in will not run like this; the message says why."""


@dataclass(frozen=True, slots=True)
class StandinSettings:
    """Everything configurable; the defaults suit a demo on one machine.

    `residents` is a JSON file, a list of {openid, name, phone, note}; it is read again when it
    changes. `callback_url` receives the message push. `return_url` is the residents' app's sign-in
    address, `origin` the one browser origin that may call the helper doors.
    """

    app_env: str = "dev"
    host: str = "127.0.0.1"
    appid: str = APPID
    secret: str = SECRET
    residents: Path | None = None
    templates: tuple[MessageTemplate, ...] = templates({})
    return_url: str = ""
    origin: str = ""
    callback_url: str = ""
    push_token: str = ""
    push_aes_key: str = ""
    push_sent_events: bool = False
    push_retry_seconds: float = 5.0
    token_seconds: int = 7200
    unionids: bool = False
    risky_words: tuple[str, ...] = field(default=("赌博", "代开发票", "刷单"))
    review_words: tuple[str, ...] = field(default=("加微信", "返利"))

    def __post_init__(self) -> None:
        if self.app_env == "production":
            raise StandinRefused("the stand-in of WeChat does not run in production")
        if not self.secret.startswith("standin"):
            raise StandinRefused("the secret must start with 'standin': keep real ones out of here")
        if not _is_loopback(self.host):
            raise StandinRefused(f"the stand-in listens on loopback only, not on {self.host}")
        if self.callback_url and not (self.push_token and len(self.push_aes_key) == 43):
            raise StandinRefused("a callback needs a push token and an AES key of 43 characters")

    @classmethod
    def beside(cls, product: Settings, **given: Any) -> "StandinSettings":
        """Settings that fit the product's own: its account, push keys and template ids."""
        return cls(
            app_env=product.app_env,
            appid=product.wx_appid or APPID,
            secret=product.wx_secret or SECRET,
            templates=templates(product.wx_templates),
            push_token=product.wx_push_token,
            push_aes_key=product.wx_push_aes_key,
            **given,
        )

    @property
    def push_keys(self) -> PushKeys:
        """The keys pushes are signed and encrypted with."""
        return PushKeys(self.push_token, self.push_aes_key, self.appid)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
