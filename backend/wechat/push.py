"""Message push: what WeChat tells us, checked, decrypted and read. Pure functions, no routes.

Configured in WeChat's console as JSON, in secure mode (or plain mode without an AES key). In
secure and compatible mode only the encrypted part is trusted.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

WINDOW = 600  # seconds a signed timestamp may be away from now
BLOCK = 32  # WeChat pads to 32 bytes, not to AES's own 16

_SECONDS = re.compile(r"[0-9]{1,11}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")


class PushRefused(Exception):
    """The call does not come from WeChat, is too old, or cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class PushKeys:
    """Token and EncodingAESKey as entered in WeChat's console; no `aes_key` means plain mode."""

    token: str
    aes_key: str
    appid: str

    @property
    def key(self) -> bytes:
        """The 32 bytes behind the 43 characters."""
        return base64.b64decode(self.aes_key + "=")


@dataclass(frozen=True, slots=True)
class PopupAnswered:
    """Someone tapped allow (`accept`) or refuse (`reject`) for one template.

    Each accept grants one message. `key` is the same when WeChat repeats the push.
    """

    openid: str
    template_id: str
    status: str
    created_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """Someone switched a template off in WeChat's settings (only `reject` is pushed)."""

    openid: str
    template_id: str
    status: str
    created_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """What became of a message that WeChat had taken; errcode 0 is success."""

    openid: str
    template_id: str
    msgid: str
    errcode: int
    status: str
    created_at: datetime
    key: str


PushEvent = PopupAnswered | SettingChanged | MessageSent


def signature(*parts: str) -> str:
    """WeChat's signature of some texts: SHA-1 over them, sorted and joined."""
    joined = "".join(sorted(parts)).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def check_url(keys: PushKeys, query: Mapping[str, str], now: datetime) -> str:
    """The text to answer when WeChat checks the address by GET. Raises PushRefused."""
    _check_signature(query, "signature", now, keys.token)
    return query.get("echostr", "")


def open_message(
    keys: PushKeys, query: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, Any]:
    """The pushed message, verified and decrypted. Raises PushRefused."""
    outer = _object(body)
    if not keys.aes_key:
        _check_signature(query, "signature", now, keys.token)
        return outer
    sealed = outer.get("Encrypt")
    if not isinstance(sealed, str):
        raise PushRefused("not encrypted")
    _check_signature(query, "msg_signature", now, keys.token, sealed)
    message, appid = decrypt(keys.key, sealed)
    if appid != keys.appid:
        raise PushRefused("meant for another appid")
    return _object(message)


def seal(
    keys: PushKeys, message: str, timestamp: int, nonce: str, random: bytes | None = None
) -> dict[str, Any]:
    """`message` as an encrypted body: a reply of ours, or what WeChat would push."""
    sealed = encrypt(keys.key, message, keys.appid, random or os.urandom(16))
    return {
        "Encrypt": sealed,
        "MsgSignature": signature(keys.token, str(timestamp), nonce, sealed),
        "TimeStamp": timestamp,
        "Nonce": nonce,
    }


def encrypt(key: bytes, message: str, appid: str, random: bytes) -> str:
    """AES-256-CBC over 16 random bytes, the length, the message and the appid; in base64."""
    text = message.encode()
    full = random + struct.pack(">I", len(text)) + text + appid.encode()
    pad = BLOCK - len(full) % BLOCK
    aes = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(aes.update(full + bytes([pad]) * pad) + aes.finalize()).decode()


def decrypt(key: bytes, sealed: str) -> tuple[bytes, str]:
    """The message and the appid inside `sealed`. Raises PushRefused."""
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise PushRefused("not base64") from None
    if not raw or len(raw) % BLOCK:
        raise PushRefused("cut short")
    aes = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    full = aes.update(raw) + aes.finalize()
    pad = full[-1]
    if not 1 <= pad <= BLOCK or full[-pad:] != bytes([pad]) * pad:
        raise PushRefused("encrypted under another key")
    full = full[:-pad]
    length = struct.unpack(">I", full[16:20])[0] if len(full) >= 20 else -1
    if not 0 <= length <= len(full) - 20:
        raise PushRefused("cut short")
    appid = full[20 + length :].decode(errors="replace")
    return full[20 : 20 + length], appid


def events(message: Mapping[str, Any]) -> list[PushEvent]:
    """What `message` says about subscribe messages; empty for any other kind of message.

    A push may carry several templates, as an object (one) or an array (several). Raises
    PushRefused if a known event lacks what it must have.
    """
    if message.get("MsgType") != "event":
        return []
    name = str(message.get("Event"))
    if name not in _READERS:
        return []
    openid = _required(message, "FromUserName")
    created = _required(message, "CreateTime")
    if not _SECONDS.fullmatch(created):
        raise PushRefused(f"CreateTime {created!r} is no moment")
    made = datetime.fromtimestamp(int(created), UTC)
    return [_READERS[name](item, openid, made, created) for item in _items(message)]


def _items(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = message.get("List")
    for item in listed if isinstance(listed, list) else [listed]:
        if not isinstance(item, dict):
            raise PushRefused("List holds no object")
        yield item


def _popup(item: Mapping[str, Any], openid: str, made: datetime, raw: str) -> PushEvent:
    template, status = _required(item, "TemplateId"), _required(item, "SubscribeStatusString")
    return PopupAnswered(openid, template, status, made, _key(openid, raw, "popup", template))


def _change(item: Mapping[str, Any], openid: str, made: datetime, raw: str) -> PushEvent:
    template, status = _required(item, "TemplateId"), _required(item, "SubscribeStatusString")
    return SettingChanged(openid, template, status, made, _key(openid, raw, "change", template))


def _sent(item: Mapping[str, Any], openid: str, made: datetime, raw: str) -> PushEvent:
    template, msgid = _required(item, "TemplateId"), _required(item, "MsgID")
    errcode = _required(item, "ErrorCode")
    if not _NUMBER.fullmatch(errcode):
        raise PushRefused("ErrorCode is no number")
    status = str(item.get("ErrorStatus") or "")
    return MessageSent(
        openid, template, msgid, int(errcode), status, made, _key(openid, raw, "sent", msgid)
    )


_READERS = {
    "subscribe_msg_popup_event": _popup,
    "subscribe_msg_change_event": _change,
    "subscribe_msg_sent_event": _sent,
}


def _key(*parts: str) -> str:
    """One text of fixed length for what makes a push the same push again."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _required(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise PushRefused(f"{name} is missing")
    return str(value)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise PushRefused("not JSON") from None
    if not isinstance(value, dict):
        raise PushRefused("not an object")
    return value


def _check_signature(query: Mapping[str, str], name: str, now: datetime, *secrets: str) -> None:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    wanted = signature(*secrets, timestamp, nonce)
    if not hmac.compare_digest(wanted.encode(), query.get(name, "").encode()):
        raise PushRefused("signature does not fit")
    if not _SECONDS.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW:
        raise PushRefused("too old or from the future")
