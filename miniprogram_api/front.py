"""Public answers kept for LIST_SECONDS, given out before Flask has even looked at the request.

When sign-up opens, a thousand phones read one list for each place that is taken. The first of them
pays for the answer; for the rest of its life it is bytes and an ETag found under the address that
was asked for. Only answers that are the same for everybody may be kept here.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from werkzeug.datastructures import Headers

from backend import clock
from backend.logs import request_id

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Key = tuple[Any, ...]

_MOST_KEPT = 512
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Made:
    """A finished body, fresh `until` that moment of `clock.monotonic()`."""

    body: bytes
    until: float


class _Kept:
    """An answer as it goes out, by the address that asks for it."""

    __slots__ = ("body", "etag", "headers", "not_modified", "until")

    def __init__(self, made: Made, headers: Headers) -> None:
        self.body, self.until = made.body, made.until
        self.etag = headers["ETag"]
        self.not_modified = [(name, headers[name]) for name in ("ETag", "Cache-Control")]
        self.headers = [
            *self.not_modified, ("Content-Type", _JSON), ("Content-Length", str(len(made.body)))
        ]  # fmt: skip


class Front:
    """The WSGI layer in front of the application, and what it keeps."""

    def __init__(self, app: Flask) -> None:
        self._app: Wsgi = app.wsgi_app
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._made: dict[Key, Made] = {}
        self._under_way: dict[Key, Future[Made]] = {}
        self._starting = threading.Lock()

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

    def read(self, key: Key, read: Callable[[], bytes], seconds: int) -> Made:
        """What `read` made within the last `seconds`, or makes now, or is making already."""
        made = self._made.get(key)
        if made is not None and clock.monotonic() < made.until:
            return made
        with self._starting:
            under_way = self._under_way.get(key)
            if under_way is None:
                mine = self._under_way[key] = Future()
        if under_way is not None:
            return under_way.result()
        began = clock.monotonic()
        try:
            mine.set_result(Made(read(), began + seconds))
        except BaseException as error:
            mine.set_exception(error)
        finally:
            del self._under_way[key]
        if seconds:
            _put(self._made, key, mine.result())
        return mine.result()

    def keep(self, made: Made, headers: Headers) -> None:
        """Give what was `made` to everybody who asks for this request's address."""
        asked = request.environ["PATH_INFO"], request.environ["QUERY_STRING"]
        _put(self._kept, asked, _Kept(made, headers))


def _put(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = value


def stand_before(app: Flask) -> None:
    """Put the front layer before `app`."""
    app.extensions["front"] = front = Front(app)
    app.wsgi_app = front  # type: ignore[method-assign]


def current() -> Front:
    """The front layer of the application at work."""
    front = current_app.extensions["front"]
    assert isinstance(front, Front)
    return front
