"""Settings: the one place that reads the environment, and refuses values it does not understand.

`load()` reads every variable below, reports all bad ones together and returns a frozen `Settings`.
A secret may come from a file: `SECRET_KEY_FILE=/run/secrets/key` stands for `SECRET_KEY`.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")

WECHAT_API = "https://api.weixin.qq.com"
_DEV_SECRET = "only-for-development-and-tests"  # noqa: S105 - refused in production below
_DEV_DATA_KEY = "dev:" + base64.b64encode(b"development-key-of-32-bytes-long").decode()


class ConfigError(Exception):
    """One or more settings are missing or make no sense; the message names each of them."""


def _text(raw: str) -> str:
    return raw


def _flag(raw: str) -> bool:
    if raw not in ("true", "false"):
        raise ValueError("must be exactly true or false")
    return raw == "true"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        if not raw.lstrip("-").isascii() or not raw.lstrip("-").isdigit():
            raise ValueError("must be a whole number")
        if not low <= int(raw) <= high:
            raise ValueError(f"must be from {low} to {high}")
        return int(raw)

    return read


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError("must be one of " + ", ".join(allowed))
        return raw

    return read


def _rising_minutes(raw: str) -> tuple[int, ...]:
    """Three numbers of minutes, each larger than the one before."""
    minutes = tuple(_whole(1, 240)(item) for item in _list(raw))
    if len(minutes) != 3 or sorted(set(minutes)) != list(minutes):
        raise ValueError("must be three rising numbers of minutes, e.g. 10,20,30")
    return minutes


def _seconds(raw: str) -> timedelta:
    return timedelta(seconds=_whole(-(10**9), 10**9)(raw))


def _list(raw: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in raw.split(",") if item.strip())


def _origin(raw: str) -> str:
    """An http(s) address without a path's trailing slash."""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    return raw.rstrip("/")


def _origin_or_none(raw: str) -> str:
    return _origin(raw) if raw else ""


def _database(raw: str) -> str:
    """A SQLAlchemy address; a bare `postgresql://` means psycopg 3.

    A file is named by its whole path, because Flask-SQLAlchemy would look for it elsewhere.
    """
    if raw.startswith(("postgresql://", "postgres://")):
        raw = "postgresql+psycopg://" + raw.split("://", 1)[1]
    if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql://")
    try:
        make_url(raw)
    except (ArgumentError, ValueError):
        raise ValueError("is not the address of a database") from None
    scheme, _, path = raw.partition(":///")
    if scheme == "sqlite" and path not in ("", ":memory:"):
        return f"sqlite:///{Path(path).absolute()}"
    return raw


def _data_keys(raw: str) -> tuple[tuple[str, bytes], ...]:
    """`id:base64` pairs; the first encrypts, all decrypt. Each key is 32 bytes."""
    keys: list[tuple[str, bytes]] = []
    for item in _list(raw):
        name, _, encoded = item.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"the key {name!r} is not base64") from None
        if not name.isalnum() or len(name) > 16:
            raise ValueError("a key needs a short name of letters and digits: name:base64")
        if len(key) != 32:
            raise ValueError(f"the key {name!r} must be 32 bytes, it is {len(key)}")
        if name in dict(keys):
            raise ValueError(f"the name {name!r} stands for two keys")
        keys.append((name, key))
    if not keys:
        raise ValueError("needs at least one name:base64 pair")
    return tuple(keys)


def _templates(raw: str) -> Mapping[str, str]:
    """`kind=template id` pairs."""
    pairs = dict(item.partition("=")[::2] for item in _list(raw))
    if not all(pairs) or not all(pairs.values()):
        raise ValueError("must be kind=template_id pairs, separated by commas")
    return pairs


def _setting(read: Callable[[str], T], default: str, help: str) -> Any:
    return field(metadata={"read": read, "default": default, "help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, in the order the deployment guide lists them."""

    app_env: str = _setting(_choice("dev", "test", "production"), "dev", "dev, test or production")
    database_url: str = _setting(
        _database, "sqlite:///var/xingfu.db", "sqlite:///path or postgresql://user@host/name"
    )
    database_pool: int = _setting(_whole(1, 64), "4", "connections per web worker")
    secret_key: str = _setting(_text, _DEV_SECRET, "signs cookies and rotating codes; >= 32 chars")
    data_keys: tuple[tuple[str, bytes], ...] = _setting(
        _data_keys, _DEV_DATA_KEY, "name:base64 of 32 bytes; the first encrypts, all decrypt"
    )
    lookup_key: str = _setting(
        _text, _DEV_SECRET, "keys the hashes by which phones are found; never rotated alone"
    )
    public_url: str = _setting(_origin, "http://127.0.0.1:8000", "where residents reach the site")
    cors_origins: tuple[str, ...] = _setting(_list, "", "origins of an H5 client served elsewhere")
    wx_api_base: str = _setting(_origin, WECHAT_API, "WeChat's servers, or the stand-in")
    wx_appid: str = _setting(_text, "", "the mini-program's appid")
    wx_secret: str = _setting(_text, "", "the mini-program's secret")
    wx_state: str = _setting(
        _choice("formal", "trial", "developer"), "formal", "which build reminders open"
    )
    wx_push_token: str = _setting(_text, "", "Token of the message push; empty: no callback")
    wx_push_aes_key: str = _setting(_text, "", "EncodingAESKey of the message push, 43 characters")
    wx_templates: Mapping[str, str] = _setting(
        _templates, "", "kind=template_id pairs: booked, offered, changed, lesson"
    )
    sms_provider: str = _setting(
        _choice("none", "standin", "aliyun"), "none", "who brings sign-in codes to phones"
    )
    sms_api_base: str = _setting(
        _origin_or_none, "", "the stand-in's address; empty for a provider's own servers"
    )
    sms_key_id: str = _setting(_text, "", "AccessKey ID of the provider's account")
    sms_key_secret: str = _setting(_text, "", "AccessKey secret of the provider's account")
    sms_sign: str = _setting(_text, "", "the approved sign (短信签名)")
    sms_template: str = _setting(_text, "", "the approved template's code, with a variable `code`")
    sms_duty_template: str = _setting(
        _text, "", "a template for duty offices, with variables `canteen`, `time` and `phone`"
    )
    rate_limits: bool = _setting(_flag, "true", "whether rate limits are enforced")
    rate_limit_storage: str = _setting(
        _text, "memory://", "where limits are counted; redis://… (install redis) shares them"
    )
    list_seconds: int = _setting(_whole(0, 60), "1", "how long a public list may be cached")
    token_days: int = _setting(_whole(1, 400), "90", "life of a resident's sign-in")
    staff_session_hours: int = _setting(_whole(1, 72), "12", "life of a staff sign-in")
    staff_idle_minutes: int = _setting(
        _whole(5, 1440), "120", "a staff sign-in unused for so long ends"
    )
    offer_hours: int = _setting(_whole(1, 168), "24", "how long an offered place is held")
    delivery_unclaimed_minutes: int = _setting(
        _whole(1, 240), "20", "minutes before a run leaves that one nobody has claimed is an alarm"
    )
    absences_in_a_row: int = _setting(
        _whole(0, 20), "3", "absences in a row after which a place may be offered on; 0: never"
    )
    excuse_days: int = _setting(
        _whole(0, 60), "3", "days after a lesson in which residents may still ask to be excused"
    )
    standing_half_life: int = _setting(
        _whole(1, 3650), "90", "days in which the weight of a missed occasion halves"
    )
    standing_limit: int = _setting(
        _whole(1, 20),
        "3",
        "missed occasions above which people wait, where a class asks so",
    )
    standing_appeal_days: int = _setting(
        _whole(0, 365), "30", "days in which residents may say how it was with a missed occasion"
    )
    missed_meals_are_paid: bool = _setting(
        _flag, "true", "whether the canteen keeps what was paid for a meal that nobody took"
    )
    welfare_minutes: tuple[int, ...] = _setting(
        _rising_minutes,
        "10,20,30",
        "minutes after nobody answered a delivery: ask neighbours, family, the duty office",
    )
    delivery_photo_days: int = _setting(
        _whole(1, 400), "60", "days that photos of meals handed over at the door are kept"
    )
    household_limit: int = _setting(_whole(1, 50), "8", "people one account may act for")
    static_dir: str = _setting(_text, "var/pictures", "where uploaded pictures are kept")
    client_dir: str = _setting(
        _text, "miniprogram/dist/release/h5", "the built client for browsers, served at /m/"
    )
    log_format: str = _setting(_choice("json", "text"), "text", "json, or text to read")
    log_level: str = _setting(_choice("debug", "info", "warning", "error"), "info", "least level")
    clock_shift: timedelta = _setting(_seconds, "0", "seconds to run ahead, for rehearsals")

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def push_configured(self) -> bool:
        return bool(self.wx_push_token)


def _raw(name: str, environ: Mapping[str, str]) -> str | None:
    if path := environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return environ.get(name)


def _contradictions(settings: Settings) -> list[str]:
    """Values that are each fine and wrong together."""
    found = []
    if settings.wx_push_aes_key and len(settings.wx_push_aes_key) != 43:
        found.append("WX_PUSH_AES_KEY: must be 43 characters")
    if settings.push_configured and not settings.wx_push_aes_key:
        found.append("WX_PUSH_AES_KEY: needed beside WX_PUSH_TOKEN (secure mode)")
    found += _sms_contradictions(settings)
    if not settings.production:
        return found
    for name in ("secret_key", "lookup_key"):
        value = getattr(settings, name)
        if value == _DEV_SECRET or len(value) < 32:
            found.append(f"{name.upper()}: production needs 32 characters of its own")
    if settings.data_keys == _data_keys(_DEV_DATA_KEY):
        found.append("DATA_KEYS: production needs a key of its own")
    if settings.wx_api_base != WECHAT_API:
        found.append(f"WX_API_BASE: production talks to {WECHAT_API} only")
    if not settings.wx_appid or not settings.wx_secret:
        found.append("WX_APPID, WX_SECRET: production needs both")
    if not settings.public_url.startswith("https://"):
        found.append("PUBLIC_URL: production needs https://")
    if settings.clock_shift:
        found.append("CLOCK_SHIFT: production keeps real time")
    return found


def _sms_contradictions(settings: Settings) -> list[str]:
    if settings.sms_provider == "standin":
        if settings.production:
            return ["SMS_PROVIDER: the stand-in does not run in production"]
        return [] if settings.sms_api_base else ["SMS_API_BASE: the stand-in's address is needed"]
    if settings.production and settings.sms_api_base:
        return ["SMS_API_BASE: production talks to the provider's own servers only"]
    if settings.sms_provider != "aliyun":
        return []
    needed = ("sms_key_id", "sms_key_secret", "sms_sign", "sms_template")
    missing = [name.upper() for name in needed if not getattr(settings, name)]
    return [f"{', '.join(missing)}: needed with SMS_PROVIDER=aliyun"] if missing else []


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read all settings from `environ` (default: the process environment).

    Raises ConfigError naming every setting that is wrong, not only the first.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    wrong = []
    for setting in fields(Settings):
        name = setting.name.upper()
        try:
            raw = _raw(name, environ)
            values[setting.name] = setting.metadata["read"](
                setting.metadata["default"] if raw is None else raw
            )
        except (ValueError, OSError) as error:
            wrong.append(f"{name}: {error}")
    if not wrong:
        settings = Settings(**values)
        wrong = _contradictions(settings)
    if wrong:
        raise ConfigError("settings that cannot be used:\n  " + "\n  ".join(wrong))
    return settings


def current() -> Settings:
    """The settings of the application at work."""
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
