"""The web server's settings, with a real gunicorn."""

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.server import environment, serving


def test_connections_without_a_request_hold_nobody_up(tmp_path: Path) -> None:
    """Browsers open some to have them at hand; a worker would wait five seconds on each."""
    env = environment(database_url=f"sqlite:///{tmp_path}/x.db")
    with serving(env, workers=1) as base, ExitStack() as idle:
        parts = urlsplit(base)
        for _ in range(20):
            idle.enter_context(socket.create_connection((parts.hostname, parts.port)))
        assert httpx.get(f"{base}/healthz", timeout=4, trust_env=False).status_code == 200


def test_a_rush_is_shared_among_the_workers() -> None:
    """All come at once; whoever has its hands full leaves the rest to the other."""
    with serving(environment(), target="tests.slow_hands:app") as base:
        address = (urlsplit(base).hostname, urlsplit(base).port)

        def ask(_: int) -> bytes:
            with socket.create_connection(address, timeout=20) as caller:
                caller.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return b"".join(iter(lambda: caller.recv(4096), b"")).rpartition(b"\r\n")[2]

        with ThreadPoolExecutor(64) as threads:
            workers = Counter(threads.map(ask, range(64)))
    assert len(workers) == 2
    assert min(workers.values()) >= 24
