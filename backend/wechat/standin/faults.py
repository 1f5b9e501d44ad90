"""Switches that make the stand-in misbehave on demand, and a count of every call."""

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, abort, g, request

from backend.wechat.standin.answers import Refused

KINDS = ("errcode", "status", "delay", "reset", "lost")

_SENTENCES = {
    -1: "system error",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower",
}


@dataclass(slots=True)
class Fault:
    """The next `times` calls of `path` (`*` for all) go wrong.

    `errcode` and `status` answer so without acting; `delay` acts after `seconds`; `reset` drops the
    connection without acting; `lost` acts and then drops the connection.
    """

    path: str
    kind: str
    times: int = 1
    errcode: int = -1
    status: int = 502
    seconds: float = 10.0


class Faults:
    """The switches that are on, the rate limits, and the calls so far."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._limits: dict[str, int] = {}
        self._minute: Counter[tuple[str, int]] = Counter()
        self.calls: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        """Switch one on; several for a path wear off one after the other."""
        if fault.kind not in KINDS:
            raise Refused(40097, f"fault kind must be one of {', '.join(KINDS)}")
        with self._lock:
            self._faults.append(fault)

    def limit(self, path: str, per_minute: int | None) -> None:
        """Answer 45011 beyond `per_minute` calls of `path`; None lifts the limit."""
        with self._lock:
            self._limits.pop(path, None)
            if per_minute is not None:
                self._limits[path] = per_minute

    def forget(self) -> None:
        """All switches off, counters at zero."""
        with self._lock:
            self._faults.clear()
            self._limits.clear()
            self._minute.clear()
            self.calls.clear()

    def next_for(self, path: str) -> Fault | None:
        """Count the call; the fault it meets, if any. Raises 45011 when over the limit."""
        with self._lock:
            self.calls[path] += 1
            if path in self._limits:
                minute = (path, int(self._now().timestamp()) // 60)
                self._minute[minute] += 1
                if self._minute[minute] > self._limits[path]:
                    raise Refused(45011, _SENTENCES[45011])
            for fault in self._faults:
                if fault.path in (path, "*"):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def register(self, app: Flask, *, spared: tuple[str, ...]) -> None:
        """Let the switches act on every call of `app` outside the `spared` address prefixes."""

        @app.before_request
        def act() -> None:
            if request.path == "/" or request.path.startswith(spared):
                return
            fault = self.next_for(request.path)
            if fault is not None:
                _act(fault)

        @app.after_request
        def lose(response: Response) -> Response:
            if g.get("lose_answer"):
                _drop_connection(request.environ)
            return response


def _act(fault: Fault) -> None:
    if fault.kind == "errcode":
        raise Refused(fault.errcode, _SENTENCES.get(fault.errcode, "refused on demand"))
    if fault.kind == "status":
        abort(Response("<html><body>Bad Gateway</body></html>", fault.status))
    if fault.kind == "delay":
        time.sleep(fault.seconds)
    if fault.kind == "reset":
        _drop_connection(request.environ)
        abort(Response("", 502))  # nobody is there any more to read this
    if fault.kind == "lost":
        g.lose_answer = True


def _drop_connection(environ: dict[str, Any]) -> None:
    """Cut the client's connection: it sees a reset, whatever is written afterwards."""
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
