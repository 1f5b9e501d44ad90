"""Which device asks: a number in a cookie of its own, by which it takes back what it did itself."""

import uuid

from flask import Response, g, request

from admin.blueprint import pages
from backend import config

DEVICE = "xingfu_device"
LASTS = 400 * 86400  # browsers keep no cookie longer


def device() -> str:
    """This browser's number; a new one is sent along with the answer."""
    if "device" not in g:
        g.device = _known() or str(uuid.uuid4())
    found: str = g.device
    return found


def _known() -> str | None:
    try:
        return str(uuid.UUID(request.cookies.get(DEVICE, "")))
    except ValueError:
        return None


@pages.before_request
def not_yet_asked() -> None:
    """A context can span several requests; each has a device of its own."""
    g.pop("device", None)


@pages.after_request
def remember(response: Response) -> Response:
    """The page's scripts read it as well, for what is uploaded later."""
    if g.get("device") not in (None, request.cookies.get(DEVICE)):
        response.set_cookie(
            DEVICE, g.device, max_age=LASTS, path="/admin", samesite="Lax",
            secure=config.current().production,
        )  # fmt: skip
    return response
