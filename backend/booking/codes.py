"""The two codes of a booking: a random one for the QR, and six digits to be read aloud."""

import secrets


def new_code() -> str:
    """128 random bits as 22 characters; whoever shows it is taken for the person."""
    return secrets.token_urlsafe(16)


def new_short_code() -> str:
    """Six random digits; unique enough within one class, where staff see the name as well."""
    return f"{secrets.randbelow(1_000_000):06}"
