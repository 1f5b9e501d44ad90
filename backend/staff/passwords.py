"""Staff passwords: argon2id, and what makes one acceptable."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from backend.errors import Invalid

SHORTEST, LONGEST = 10, 128
_hasher = PasswordHasher()
_EASY = ("password", "12345", "qwerty", "abc123", "admin", "xingfu", "88888", "66666", "00000")


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters in front."""
    return _hasher.hash(password)


def fits(password: str, hashed: str) -> bool:
    """Whether the password is the one behind the hash; takes as long either way."""
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


@cache
def nobodys_hash() -> str:
    """A hash to check against where there is no account, so that it takes as long."""
    return hash_password(secrets.token_urlsafe(16))


def one_time() -> str:
    """A password to be told to a colleague and changed at the first sign-in."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
    return "-".join("".join(secrets.choice(letters) for _n in range(4)) for _block in range(3))


def check_new(password: str, username: str, field: str = "password") -> None:
    """Raise Invalid at `field` for a password that is too short or too easily guessed.

    Length counts, not kinds of characters (NIST SP 800-63B, 3.1.1.2).
    """
    lowered = password.lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid({field: [_("密码请用 %(least)d 位以上。", least=SHORTEST)]})
    easy = any(part in lowered for part in _EASY) or len(set(password)) < 5
    if easy or (username and username.lower() in lowered):
        raise Invalid({field: [_("这个密码太容易猜到，请换一个。")]})
