"""The class's rotating code, on show at the door, and the link its QR holds."""

from datetime import datetime
from urllib.parse import urlencode

from backend import config
from backend.booking import rotating_codes
from backend.booking.rotating_codes import SECONDS as SECONDS


def class_code(lesson_id: int, now: datetime) -> str:
    """The code on show at this lesson now: eight characters, changing every 20 seconds."""
    return rotating_codes.code_of(_of(lesson_id), now)


def is_current(lesson_id: int, code: str, now: datetime) -> bool:
    """Whether `code` is on show at this lesson now, or was just before."""
    return rotating_codes.is_current(_of(lesson_id), code, now)


def check_in_link(lesson_id: int, now: datetime) -> str:
    """What the QR on the screen holds: it opens the residents' client at check-in."""
    asked = urlencode({"lesson": lesson_id, "code": class_code(lesson_id, now)})
    return f"{config.current().public_url}/m/#/check-in?{asked}"


def _of(lesson_id: int) -> str:
    return f"class-code:{lesson_id}"
