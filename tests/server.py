"""A real gunicorn on a free loopback port, for races, kills and browsers."""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx

from tests import compiled
from tests.settings import ENVIRON
from tests.standin import free_port

ROOT = Path(__file__).resolve().parent.parent

prepared = multiprocessing.get_context("forkserver")
# Importing the application takes a server most of its start: it is done once for all of them.
prepared.set_forkserver_preload(["gunicorn.app.wsgiapp", "tests.imported", __name__])


@contextmanager
def serving(
    env: dict[str, str], *, workers: int = 2, target: str = "backend.wsgi:app", port: int = 0
) -> Iterator[str]:
    """Serve the application with `env` on top of this process's own; yields its address.

    The caller has created the tables. The server and its workers are ended with SIGTERM.
    """
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = [
        "--config", "python:backend.gunicorn", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), target,
    ]  # fmt: skip
    environ = os.environ | {"PUBLIC_URL": base, "LOG_LEVEL": "warning"} | env
    process = prepared.Process(target=_gunicorn, args=(arguments, environ), daemon=True)
    process.start()
    try:
        _wait_until_it_answers(base, process)
        yield base
    finally:
        process.terminate()
        process.join(20)
        assert process.exitcode is not None, "the server did not end within 20 seconds"


def _gunicorn(arguments: list[str], environ: dict[str, str]) -> None:
    """What `python -m gunicorn` does, in a process that has imported all it needs."""
    from gunicorn.app.wsgiapp import run

    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["gunicorn", *arguments]
    compiled.keep()
    run()


def _wait_until_it_answers(base: str, process: ForkServerProcess) -> None:
    with httpx.Client(base_url=base, timeout=2, trust_env=False, verify=False) as http:
        for _ in range(200):
            if process.exitcode is not None:
                raise RuntimeError(f"the server ended with code {process.exitcode}")
            try:
                if http.get("/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
    raise RuntimeError("the server did not answer within 20 seconds")


def environment(**given: str) -> dict[str, str]:
    """The environment of a test server: everything of `tests.settings`, then `given`."""
    return ENVIRON | {name.upper(): str(value) for name, value in given.items()}
