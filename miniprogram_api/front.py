"""Public answers kept for LIST_SECONDS, given out before Flask has even looked at the request.

When sign-up opens, a thousand phones read one list for each place that is taken. The first of them
pays for the answer; for the rest of its life it is bytes and an ETag found under the address that
was asked for. Only answers that are the same for everybody may be kept here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, current_app, request
from werkzeug.datastructures import Headers

from backend import clock
from backend.logs import request_id

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_MOST_KEPT = 512
_JSON = "application/json; charset=utf-8"


class _Kept:
    """One finished answer, fresh until `until`."""

    __slots__ = ("body", "etag", "headers", "not_modified", "until")

    def __init__(self, body: bytes, headers: Headers, until: float) -> None:
        self.body, self.until = body, until
        self.etag = headers["ETag"]
        self.not_modified = [(name, headers[name]) for name in ("ETag", "Cache-Control")]
        self.headers = [
            *self.not_modified, ("Content-Type", _JSON), ("Content-Length", str(len(body)))
        ]  # fmt: skip


class Front:
    """The WSGI layer in front of the application, and what it keeps."""

    def __init__(self, app: Flask) -> None:
        self._app: Wsgi = app.wsgi_app
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Another origin needs its CORS headers, and they are Flask's to give.
        if environ["REQUEST_METHOD"] == "GET" and "HTTP_ORIGIN" not in environ:
            kept = self._kept.get((environ["PATH_INFO"], environ["QUERY_STRING"]))
            if kept is not None and clock.monotonic() < kept.until:
                mine = ("X-Request-ID", request_id(environ.get("HTTP_X_REQUEST_ID", "")))
                if kept.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
                    start_response("304 NOT MODIFIED", [*kept.not_modified, mine])
                    return ()
                start_response("200 OK", [*kept.headers, mine])
                return (kept.body,)
        return self._app(environ, start_response)

    def keep(self, body: bytes, headers: Headers, until: float) -> None:
        """Give `body` to everybody who asks for this request's address."""
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        environ = request.environ
        asked = environ["PATH_INFO"], environ["QUERY_STRING"]
        self._kept[asked] = _Kept(body, headers, until)


def stand_before(app: Flask) -> None:
    """Put the front layer before `app`."""
    front = Front(app)
    app.extensions["front"] = front
    app.wsgi_app = front  # type: ignore[method-assign]


def keep(body: bytes, headers: Headers, *, until: float) -> None:
    """Give the JSON `body` under its ETag to all who ask for this address `until` that moment.

    `until` is measured by `clock.monotonic()`.
    """
    front = current_app.extensions["front"]
    assert isinstance(front, Front)
    front.keep(body, headers, until)
