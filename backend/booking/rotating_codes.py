"""Rotating codes: on show at a door, worthless in a group chat a minute later."""

import base64
import hashlib
import hmac
from datetime import datetime

from backend import config

_TYPED_AS = str.maketrans({"0": "O", "1": "I", "8": "B"})  # none of the three is in a code

SECONDS = 20
"""How long one code is on show; it is accepted for the window after it as well."""


def code_of(what: str, now: datetime) -> str:
    """The code on show for `what` now: eight characters, changing every 20 seconds."""
    return _code(what, _window(now))


def is_current(what: str, code: str, now: datetime) -> bool:
    """Whether `code` is on show for `what` now, or was just before."""
    given = "".join(code.split()).upper().translate(_TYPED_AS).encode()
    window = _window(now)
    shown = [_code(what, at).encode() for at in (window, window - 1)]
    return any(hmac.compare_digest(given, code) for code in shown)


def seconds_left(now: datetime) -> int:
    """How long the code on show stays, from 1 to 20 seconds."""
    return SECONDS - int(now.timestamp()) % SECONDS


def _window(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def _code(what: str, window: int) -> str:
    message = f"{what}:{window}".encode()
    digest = hmac.digest(config.current().secret_key.encode(), message, hashlib.sha256)
    return base64.b32encode(digest[:5]).decode()
