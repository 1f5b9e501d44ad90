"""The load driver: many kept-alive connections from one process, lighter than any server it drives.

Raw sockets on a selector and just enough HTTP/1.1: requests are bytes made beforehand, answers are
read up to their Content-Length. One request is under way per connection.
"""

import gc
import re
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_PATIENCE = 30.0  # seconds without any answer at all: the server is stuck
_MOST_ERRORS = 1000


@dataclass(slots=True)
class Sample:
    """What one drive saw. Times are in seconds; `errors` are connections that broke."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The time within which `share` (0..1) of the answers came."""
        if not self.times:
            return 0.0
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A POST of JSON as bytes on the wire; the driver fills in nothing."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
    return _request("POST", path, lines) + body


def post_form(path: str, body: bytes, **headers: str) -> bytes:
    """A POST of a form as bytes on the wire."""
    return post(path, body, **{"Content-Type": "application/x-www-form-urlencoded"} | headers)


def get(path: str, **headers: str) -> bytes:
    """A GET as bytes on the wire."""
    return _request("GET", path, headers)


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{lines}\r\n".encode()


class _Connection:
    """One kept-alive connection and the request under way on it."""

    __slots__ = ("answer", "last", "request", "sent_at", "socket", "until")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=_PATIENCE)
        self.socket.settimeout(None)  # the selector waits, not the socket
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = self.answer = b""
        self.until = 0  # length of the whole answer, as soon as its head is here
        self.last = False  # the server has said that it will close
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.request, self.answer, self.until = request, b"", 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """The status once the answer is complete, 0 before. Raises OSError if it breaks off."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("closed by the server")
        answer = self.answer = self.answer + data if self.answer else data
        if not self.until:
            head = answer.find(b"\r\n\r\n")
            if head < 0:
                return 0
            length = _LENGTH.search(answer, 0, head + 2)
            self.last = _LAST.search(answer, 0, head + 2) is not None
            bodiless = answer[9:12] in (b"304", b"204")
            if length is None and not bodiless:
                raise ConnectionError("an answer without Content-Length")
            self.until = head + 4 + (int(length[1]) if length and not bodiless else 0)
        return int(answer[9:12]) if len(answer) >= self.until else 0


class _Drive:
    """`connections` sockets that take requests from one list until it or the time is over."""

    def __init__(
        self, base: str, requests: Sequence[bytes], connections: int, seconds: float | None
    ) -> None:
        url = urlsplit(base)
        if url.scheme != "http" or not url.hostname:
            raise ValueError(f"the driver speaks plain http to http://host:port, not to {base}")
        self.address = (url.hostname, url.port or 80)
        self.requests = requests
        self.connections = connections
        self.limit = seconds
        self.sample = Sample()
        self.selector = selectors.DefaultSelector()
        self.todo = deque(requests)
        self.ends_at = float("inf")

    def run(self) -> Sample:
        opened = [_Connection(self.address) for _ in range(self.connections)]
        began = time.perf_counter()
        if self.limit is not None:
            self.ends_at = began + self.limit
        for connection in opened:
            self.selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._next(connection)
        while self.selector.get_map():
            events = self.selector.select(_PATIENCE)
            if not events:
                self.sample.errors += len(self.selector.get_map())
                break
            for key, _ in events:
                self._read(key.data)
        self.sample.seconds = time.perf_counter() - began
        self.selector.close()
        for connection in opened:
            connection.socket.close()
        return self.sample

    def _next(self, connection: _Connection) -> None:
        """Send the next request, or leave if there is none or the time is over."""
        if not self.todo and self.limit is not None:
            self.todo.extend(self.requests)
        if self.todo and time.perf_counter() < self.ends_at:
            connection.send(self.todo.popleft())
        else:
            self.selector.unregister(connection.socket)
            connection.socket.close()

    def _read(self, connection: _Connection) -> None:
        try:
            status = connection.receive()
            if status:
                self.sample.times.append(time.perf_counter() - connection.sent_at)
                self.sample.statuses[status] += 1
                self._next(self._renewed(connection) if connection.last else connection)
        except OSError:
            self._again(connection)

    def _again(self, connection: _Connection) -> None:
        """The connection broke: count it, open another, send the request again.

        A repeat is harmless: what books carries an Idempotency-Key.
        """
        self.sample.errors += 1
        if self.sample.errors >= _MOST_ERRORS:
            raise ConnectionError(f"{_MOST_ERRORS} connections to {self.address} broke")
        self.todo.appendleft(connection.request)
        self._next(self._renewed(connection))

    def _renewed(self, connection: _Connection) -> _Connection:
        """Another connection in the place of one that is over."""
        self.selector.unregister(connection.socket)
        connection.socket.close()
        fresh = _Connection(self.address)
        self.selector.register(fresh.socket, selectors.EVENT_READ, fresh)
        return fresh


def drive(
    base: str, requests: Sequence[bytes], *, connections: int = 64, seconds: float | None = None
) -> Sample:
    """Send every request once, or with `seconds` over and over for so long; in this process."""
    gc.collect()
    gc.disable()
    try:
        if seconds is None:
            connections = min(connections, len(requests))
        return _Drive(base, requests, connections, seconds).run()
    finally:
        gc.enable()


class Driver:
    """`drive` in a process of its own, kept for many drives."""

    def __init__(self, pool: ProcessPoolExecutor, connections: int) -> None:
        self._pool = pool
        self.connections = connections

    def __call__(
        self, base: str, requests: Sequence[bytes], *, seconds: float | None = None
    ) -> Sample:
        asked = self._pool.submit(
            drive, base, requests, connections=self.connections, seconds=seconds
        )
        return asked.result()


@contextmanager
def own_process(connections: int) -> Iterator[Driver]:
    """A `Driver` with so many connections, alive inside the block."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield Driver(pool, connections)
