"""A real gunicorn on a free loopback port, for races, kills and browsers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.settings import ENVIRON
from tests.standin import free_port

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def serving(
    env: dict[str, str], *, workers: int = 2, target: str = "backend.wsgi:app", port: int = 0
) -> Iterator[str]:
    """Serve the application with `env` on top of this process's own; yields its address.

    The caller has created the tables. The server and its workers are ended with SIGTERM.
    """
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "--config", "python:backend.gunicorn",
            "--bind", f"127.0.0.1:{port}", "--workers", str(workers), target,
        ],
        cwd=ROOT,
        env=os.environ | {"PUBLIC_URL": base, "LOG_LEVEL": "warning"} | env,
    )  # fmt: skip
    try:
        _wait_until_it_answers(base, process)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_until_it_answers(base: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            if httpx.get(f"{base}/healthz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within 20 seconds")


def environment(**given: str) -> dict[str, str]:
    """The environment of a test server: everything of `tests.settings`, then `given`."""
    return ENVIRON | {name.upper(): str(value) for name, value in given.items()}
