"""A rotating code as it stands on a screen: its QR, its letters, and how long it stays."""

from datetime import datetime
from typing import Any

import segno
from markupsafe import Markup

from backend.booking import rotating_codes


def rotating_code(code: str, link: str, now: datetime) -> dict[str, Any]:
    """What the macro `parts.rotating_code` shows."""
    drawn = segno.make(link, error="m", micro=False)
    return {
        "code": code,
        "svg": Markup(drawn.svg_inline(omitsize=True, border=2)),  # noqa: S704 - segno's own
        "left": rotating_codes.seconds_left(now),
    }
