"""The web server's settings, with a real gunicorn."""

import socket
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
