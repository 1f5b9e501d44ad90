"""Where to go after a post: only ever to a page of the console itself."""

from urllib.parse import urlsplit

from flask import url_for


def inside(address: str | None) -> str:
    """`address` if it is a path below /admin, else the first page."""
    parts = urlsplit(address or "")
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/admin")
    if not ours or "\\" in (address or "") or parts.path.startswith("/admin/sign-in"):
        return url_for("admin.today")
    return address or url_for("admin.today")
