"""Public answers kept for LIST_SECONDS, given out before Flask has even looked at the request.

When sign-up opens, a thousand phones read one list for each place that is taken. The first of them
pays for the answer; for the rest of its life it is bytes and an ETag found under the address that
was asked for, and who asks for that address while it is being read waits for it here. Only answers
that are the same for everybody may pass through this layer.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from flask import Flask, current_app

from backend import clock
from backend.logs import request_id

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Name = tuple[Any, ...]
"""What was asked: as an address, or as the door understood it (several addresses may mean it)."""

_MOST_KEPT = 512
_JSON = "application/json; charset=utf-8"


def address(environ: Environ) -> Name:
    """The address that is asked for."""
    return environ["PATH_INFO"], environ["QUERY_STRING"]


def etag_of(body: bytes) -> str:
    """The ETag of `body`, without its quotes."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


class Made:
    """A finished answer as it goes out, fresh for `seconds` after `began` (`clock.monotonic()`)."""

    __slots__ = ("body", "etag", "headers", "not_modified", "until")

    def __init__(self, body: bytes, began: float, seconds: int) -> None:
        self.body, self.until = body, began + seconds
        self.etag = f'"{etag_of(body)}"'
        fresh = f"public, max-age={seconds}" if seconds else "no-cache"
        self.not_modified = [("ETag", self.etag), ("Cache-Control", fresh)]
        self.headers = [
            *self.not_modified, ("Content-Type", _JSON), ("Content-Length", str(len(body)))
        ]  # fmt: skip

    def to(self, known: str) -> tuple[bytes, str, Headers]:
        """Body, status and headers for a client that has the ETags in `known` already."""
        if self.etag in known:
            return b"", "304 NOT MODIFIED", self.not_modified
        return self.body, "200 OK", self.headers


class Front:
    """The WSGI layer in front of the application, what it keeps and what is being read."""

    def __init__(self, app: Flask) -> None:
        self._app: Wsgi = app.wsgi_app
        self._kept: dict[Name, Made] = {}
        self._under_way: dict[Name, Future[Made]] = {}
        self._starting = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Another origin needs its CORS headers, and they are Flask's to give.
        if environ["REQUEST_METHOD"] == "GET" and "HTTP_ORIGIN" not in environ:
            asked = address(environ)
            made = self._fresh(asked) or self._awaited(asked)
            if made is not None:
                body, status, headers = made.to(environ.get("HTTP_IF_NONE_MATCH", ""))
                mine = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
                start_response(status, [*headers, ("X-Request-ID", mine)])
                return (body,)
        return self._app(environ, start_response)

    def _fresh(self, name: Name) -> Made | None:
        made = self._kept.get(name)
        return made if made is not None and clock.monotonic() < made.until else None

    def _awaited(self, asked: Name) -> Made | None:
        """What is being read for this address; where that fails, Flask shall say what is wrong."""
        under_way = self._under_way.get(asked)
        return under_way.result() if under_way and under_way.exception() is None else None

    def read(self, asked: Name, key: Name, read: Callable[[], bytes], seconds: int) -> Made:
        """What `read` made within the last `seconds`, or makes now, or is making already."""
        made = self._fresh(key)
        if made is None:
            with self._starting:
                under_way = self._under_way.get(key)
                if under_way is None:
                    mine = self._under_way[key] = self._under_way[asked] = Future()
            if under_way is not None:
                return under_way.result()
            began = clock.monotonic()
            try:
                mine.set_result(Made(read(), began, seconds))
            except BaseException as error:
                mine.set_exception(error)
            finally:
                del self._under_way[key], self._under_way[asked]
            made = mine.result()
        if seconds:
            self._keep(asked, made)
            self._keep(key, made)
        return made

    def _keep(self, name: Name, made: Made) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[name] = made


def stand_before(app: Flask) -> None:
    """Put the front layer before `app`."""
    app.extensions["front"] = front = Front(app)
    app.wsgi_app = front  # type: ignore[method-assign]


def current() -> Front:
    """The front layer of the application at work."""
    front = current_app.extensions["front"]
    assert isinstance(front, Front)
    return front
