"""Public answers kept in front of Flask: the same bytes, no SQL, gone after LIST_SECONDS."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import create_environ, run_wsgi_app

from backend import clock
from backend.app import create_app
from backend.errors import NotFound
from miniprogram_api.front import Front
from tests import databases, settings

TERMS = "/mp/v1/night-school/terms"
H5 = "https://h5.example"
ADDRESS = (TERMS, "")


@pytest.fixture
def keeping(tmp_path) -> Iterator[Flask]:
    """An application that keeps its lists for a second, and knows one other origin."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    app = create_app(settings.for_tests(database_url=url, list_seconds=1, cors_origins=H5))
    databases.create_tables(app)
    yield app
    databases.dispose(app)


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """The SQL sent, whatever the database."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_the_second_answer_is_the_first_without_sql(keeping: Flask, sent: list[str]) -> None:
    http = keeping.test_client()
    first = http.get(TERMS)
    assert sent
    sent.clear()
    second = http.get(TERMS, headers={"X-Request-ID": "phone7"})
    assert sent == []
    assert second.data == first.data
    for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["X-Request-ID"] == "phone7"


def test_who_has_it_already_is_told_so(keeping: Flask) -> None:
    http = keeping.test_client()
    etag = http.get(TERMS).headers["ETag"]
    known = http.get(TERMS, headers={"If-None-Match": f'"older", {etag}'})
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", etag)
    other = http.get(TERMS, headers={"If-None-Match": '"older"'})
    assert other.status_code == 200


def test_it_is_read_anew_after_a_second(keeping: Flask, sent: list[str], monkeypatch) -> None:
    http = keeping.test_client()
    http.get(TERMS)
    sent.clear()
    later = clock.monotonic() + 1.01
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert http.get(TERMS).status_code == 200
    assert sent


def test_another_origin_gets_its_headers(keeping: Flask) -> None:
    http = keeping.test_client()
    http.get(TERMS)
    answer = http.get(TERMS, headers={"Origin": H5})
    assert answer.headers["Access-Control-Allow-Origin"] == H5


def test_one_reads_and_the_others_wait_for_it(keeping: Flask) -> None:
    reads: list[int] = []
    begun, done = threading.Event(), threading.Event()

    def slowly() -> bytes:
        reads.append(1)
        begun.set()
        assert done.wait(10)
        return b"list"

    front = Front(keeping)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(front.read, ADDRESS, ("list",), slowly, 0)
        assert begun.wait(10)
        others = [pool.submit(front.read, ("/", ""), ("list",), slowly, 0) for _ in range(3)]
        time.sleep(0.05)  # let them find the read under way
        done.set()
        bodies = {asked.result().body for asked in (first, *others)}
    assert (bodies, reads) == ({b"list"}, [1])
    assert front.read(ADDRESS, ("list",), lambda: b"later", 0).body == b"later"


def test_who_asks_for_the_same_address_waits_in_front(keeping: Flask, sent: list[str]) -> None:
    begun, done = threading.Event(), threading.Event()

    def slowly() -> bytes:
        begun.set()
        assert done.wait(10)
        return b"list"

    front = Front(keeping)
    with ThreadPoolExecutor(2) as pool:
        reader = pool.submit(front.read, ADDRESS, ("list",), slowly, 0)
        assert begun.wait(10)
        waiting = pool.submit(run_wsgi_app, front, create_environ(*ADDRESS))
        time.sleep(0.05)  # let it find the read under way
        assert not waiting.done()
        done.set()
        body, status, headers = waiting.result()
    assert (b"".join(body), status, headers["ETag"]) == (b"list", "200 OK", reader.result().etag)
    assert sent == []
    later, _, _ = run_wsgi_app(front, create_environ(*ADDRESS))
    assert b"errcode" in b"".join(later)
    assert sent


def test_who_waited_in_front_in_vain_is_answered_by_the_application(keeping: Flask) -> None:
    begun, done = threading.Event(), threading.Event()

    def fail() -> bytes:
        begun.set()
        assert done.wait(10)
        raise NotFound

    front = Front(keeping)
    with ThreadPoolExecutor(2) as pool:
        reader = pool.submit(front.read, ADDRESS, ("list",), fail, 0)
        assert begun.wait(10)
        waiting = pool.submit(run_wsgi_app, front, create_environ(*ADDRESS))
        time.sleep(0.05)  # let it find the read under way
        done.set()
        assert waiting.result()[1] == "200 OK"
    assert isinstance(reader.exception(), NotFound)


def test_who_waited_hears_of_the_failure_too(keeping: Flask) -> None:
    front = Front(keeping)

    def fail() -> bytes:
        raise NotFound

    for _ in range(2):
        with pytest.raises(NotFound):
            front.read(ADDRESS, ("gone",), fail, 1)


def test_addresses_are_kept_apart(keeping: Flask) -> None:
    http = keeping.test_client()
    assert http.get("/mp/v1/night-school/runs?limit=1").status_code == 200
    assert http.get("/mp/v1/night-school/runs?limit=0").status_code == 422
    assert http.post(TERMS).status_code == 405
