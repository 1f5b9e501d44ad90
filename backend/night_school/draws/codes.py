"""The pseudonyms of applications and households: short enough to read aloud."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 10


def new_code() -> str:
    """Ten letters and digits that nobody mistakes for each other: 50 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
