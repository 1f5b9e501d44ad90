"""The room's rotating code, on show beside its door, and the link its QR holds."""

from datetime import datetime
from urllib.parse import urlencode

from backend import config
from backend.booking import rotating_codes


def room_code(room_id: int, now: datetime) -> str:
    """The code on show at the room's door now: eight characters, changing every 20 seconds."""
    return rotating_codes.code_of(_of(room_id), now)


def is_current(room_id: int, code: str, now: datetime) -> bool:
    """Whether `code` is on show at this door now, or was just before."""
    return rotating_codes.is_current(_of(room_id), code, now)


def check_in_link(room_id: int, now: datetime) -> str:
    """What the QR on the screen holds: it opens the residents' client at check-in."""
    asked = urlencode({"room": room_id, "code": room_code(room_id, now)})
    return f"{config.current().public_url}/m/#/check-in?{asked}"


def _of(room_id: int) -> str:
    return f"room-code:{room_id}"
