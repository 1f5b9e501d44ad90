"""Seeds and digests: what is committed to before a draw, and how bytes of a list are fixed.

A secret of the district and a public number that nobody can know beforehand make the seed
together: whoever knows only one of them cannot tell where anybody will stand.
"""

import hashlib
import json
import secrets
from typing import Any

SECRET_BYTES = 32


def new_secret() -> str:
    """A secret seed, as hexadecimal digits."""
    return secrets.token_hex(SECRET_BYTES)


def commitment(secret: str) -> str:
    """The SHA-256 of the secret's bytes: shown before the window opens."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def seed_of(secret: str, public_number: str) -> bytes:
    """SHA-256 of the secret's 32 bytes followed by the public number's digits."""
    return hashlib.sha256(bytes.fromhex(secret) + public_number.encode("ascii")).digest()


def canonical(value: Any) -> str:
    """JSON with sorted names, no spaces, no escapes but the needed ones: equal data, equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """The SHA-256 of the canonical text in UTF-8."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
