"""Encryption of personal fields, and the keyed hashes by which they are found again.

Values are AES-256-GCM under the first key of `DATA_KEYS`; the key's name stands in front, so keys
can be rotated: put a new one first, run `xingfu rotate-keys`, then drop the old one.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from backend import config


class DecryptionFailed(Exception):
    """The value was written under a key that is not among `DATA_KEYS`, or was damaged."""


def encrypt(text: str) -> str:
    """`text` under the first key: `name:base64(nonce + ciphertext)`."""
    name, key = config.current().data_keys[0]
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), name.encode())
    return f"{name}:{base64.b64encode(sealed).decode()}"


def decrypt(value: str) -> str:
    """The text behind `value`. Raises DecryptionFailed."""
    name, _, encoded = value.partition(":")
    key = dict(config.current().data_keys).get(name)
    if key is None:
        raise DecryptionFailed(f"no key named {name!r} in DATA_KEYS")
    sealed = base64.b64decode(encoded)
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], name.encode()).decode()
    except InvalidTag:
        raise DecryptionFailed("the value does not fit its key") from None


def is_current(value: str) -> bool:
    """Whether `value` stands under the first key already."""
    return value.partition(":")[0] == config.current().data_keys[0][0]


class Encrypted(TypeDecorator[str]):
    """A text column that is encrypted at rest; it cannot be searched, use a lookup hash."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(value)


def lookup_hash(kind: str, value: str) -> str:
    """A keyed hash (32 hex digits) by which `value` is found without being readable."""
    key = config.current().lookup_key.encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def phone_hash(phone: str) -> str:
    """The lookup hash of a whole phone number."""
    return lookup_hash("phone", phone)


def last_four_hash(phone: str) -> str:
    """The lookup hash of a phone's last four digits, for the desk."""
    return lookup_hash("last4", phone[-4:])
