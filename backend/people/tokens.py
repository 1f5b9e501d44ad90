"""What the database keeps of the random tokens that residents hold."""

import hashlib
from base64 import urlsafe_b64encode


def token_hash(token: str) -> str:
    """The SHA-256 of a token, 43 characters of URL-safe base64."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
