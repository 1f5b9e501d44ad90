"""The load driver counts what it did, and the proof finds what is wrong."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, func, select, update

from backend import clock
from backend.booking.models import Bookable, BookingEvent
from backend.db import db
from backend.night_school.models import Attendance
from bench import scenarios, statistics, year
from bench.driver import drive, get
from bench.proof import prove
from bench.servers import responder
from tests.server import environment, serving


def test_every_request_is_sent_once() -> None:
    with responder() as base:
        sample = drive(base, [get(f"/{number}") for number in range(50)], connections=8)
    assert (len(sample.times), sample.statuses, sample.errors) == (50, {200: 50}, 0)
    assert 0 < sample.percentile(0.5) <= sample.percentile(0.99) <= sample.seconds


def test_a_drive_by_time_goes_round() -> None:
    with responder() as base:
        sample = drive(base, [get("/")], connections=2, seconds=0.2)
    assert len(sample.times) > 2
    assert sample.seconds >= 0.2


@contextmanager
def closing_once() -> Iterator[str]:
    """A server that drops the first connection unanswered and answers 404 in two pieces after."""

    def serve(listener: socket.socket) -> None:
        listener.accept()[0].close()
        peer = listener.accept()[0]
        while peer.recv(65_536):
            peer.sendall(b"HTTP/1.1 404 NOT FOUND\r\ncontent-length: 4\r\n\r\nno")
            peer.sendall(b"ne")
        peer.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def test_a_broken_connection_is_counted_and_asked_again() -> None:
    with closing_once() as base:
        sample = drive(base, [get("/a"), get("/b")], connections=1)
    assert (sample.statuses, sample.errors) == ({404: 2}, 1)
    assert scenarios.Outcome(sample, expected=200).strays == 3


def test_a_server_that_says_it_will_close_is_taken_at_its_word() -> None:
    def serve(listener: socket.socket) -> None:
        for _ in range(3):
            peer = listener.accept()[0]
            peer.recv(65_536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            peer.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sample = drive(base, [get("/a"), get("/b")], connections=1)
        socket.create_connection(listener.getsockname()).close()  # the third, if it has not come
        thread.join(10)
    assert (sample.statuses, sample.errors) == ({200: 2}, 0)


@pytest.mark.slow
def test_a_rush_sells_every_seat_and_the_proof_can_fail(own_app: Flask) -> None:
    url = own_app.config["SQLALCHEMY_DATABASE_URI"]
    engine = create_engine(url)
    signups = scenarios.seed_signups(engine, 40, clock.now())
    run_ids = signups.fresh_runs(1, 30)
    with serving(environment(database_url=url)) as base:
        requests = signups.requests(scenarios.PRODUCT, run_ids, 40, wait=True)
        sample = drive(base, requests, connections=16)
    assert (sample.statuses, sample.errors) == ({201: 40}, 0)
    with engine.begin() as connection:
        proof = prove(connection, run_ids, answered=40)
        assert (proof.sold, proof.capacity, proof.waiting, proof.wrong) == (30, 30, 10, ())
        assert "41 were told they are in, 40 are" in prove(connection, run_ids, answered=41).wrong

        connection.execute(update(Bookable).values(taken=29, waiting=9))
        connection.execute(delete(BookingEvent).where(BookingEvent.id == 1))
        found = "; ".join(prove(connection, run_ids, answered=40).wrong)
    assert "counts 29 taken, 30 are" in found
    assert "line of 9" in found
    assert "history: 39 rows for 39 of 40" in found
    engine.dispose()


def test_the_list_s_database_is_as_described(own_app: Flask) -> None:
    engine = create_engine(own_app.config["SQLALCHEMY_DATABASE_URI"])
    scenarios.seed_list(engine, clock.now())
    engine.dispose()
    page = own_app.test_client().get(scenarios.LIST).json["data"]
    assert len(page["items"]) == scenarios.WITH_PLACES
    assert {item["lessons"] for item in page["items"]} == {12}


@pytest.mark.slow
def test_the_year_is_as_large_as_it_says_and_the_page_tells_it(own_app: Flask) -> None:
    if own_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("the year is written by PostgreSQL")
    size = year.Size(runs=20, enrolled=5, lessons=3, people=40)
    with own_app.app_context():
        with db.engine.begin() as connection:
            year.write(connection, size)
            marks = connection.execute(select(func.count()).select_from(Attendance)).scalar_one()
        assert marks == 20 * 5 * 3
        browser = statistics.signed_in(own_app)
        statistics.prove(browser, size)
        with pytest.raises(SystemExit, match="does not say 120"):
            statistics.prove(browser, year.Size(runs=20, enrolled=6))
        assert statistics.measure(browser, 1).keys() == statistics.PAGES.keys()
