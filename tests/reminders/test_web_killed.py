"""The web server killed in the middle of a rush: what it confirmed is booked and gets told."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.reminders.models import InboxMessage, Reminder
from miniprogram_api import PREFIX
from tests.factories import Make, Signed, fresh
from tests.reminders.post import Post
from tests.server import environment
from tests.standin import RunningStandin, free_port

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 15  # confirmed before the kill, of 60 who try


@pytest.fixture
def make(own_app: Flask, now: datetime) -> Iterator[Make]:
    """Rows that the server's processes see."""
    with own_app.app_context():
        yield Make(now)


def start_server(own_app: Flask, port: int) -> subprocess.Popen[bytes]:
    """gunicorn and its workers as a group of processes of their own, at the test's noon."""
    shift = int((datetime(2026, 3, 11, 4, 0, tzinfo=UTC) - datetime.now(UTC)).total_seconds())
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:backend.gunicorn",
         "--bind", f"127.0.0.1:{port}", "--workers", "2", "backend.wsgi:app"],
        cwd=ROOT,
        env=os.environ
        | environment(
            database_url=own_app.extensions["settings"].database_url, clock_shift=str(shift)
        ),
        start_new_session=True,
    )  # fmt: skip


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_what_was_confirmed_is_booked_and_told(
    own_app: Flask, make: Make, standin: RunningStandin
) -> None:
    run = make.run(capacity=40)
    people = [make.resident(f"居民{number}") for number in range(60)]
    port = free_port()
    server = start_server(own_app, port)
    confirmed: list[int] = []
    enough = threading.Event()

    def sign_up(who: Signed) -> None:
        try:
            response = http.post(
                f"{PREFIX}/night-school/runs/{run.id}/enrolments",
                json={"person_id": who.person.id},
                headers={"Authorization": f"Bearer {who.token}"},
            )
        except httpx.TransportError:
            return  # the server died under it: it may or may not have been booked
        if response.status_code == 201:
            confirmed.append(who.person.id)
        if len(confirmed) >= ENOUGH:
            enough.set()

    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20
    ) as http, ThreadPoolExecutor(8) as rush:  # fmt: skip
        while not answers(http):
            assert server.poll() is None
            time.sleep(0.1)
        for who in people:
            rush.submit(sign_up, who)
        assert enough.wait(30)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    db.session.rollback()
    booked = set(db.session.scalars(select(Booking.person_id)))
    assert set(confirmed) <= booked, "a confirmed booking was lost"
    assert fresh(run).taken == len(booked)
    for rows in (Reminder, BookingEvent):
        told = db.session.scalars(select(rows.booking_id)).all()
        assert sorted(told) == sorted(db.session.scalars(select(Booking.id)))
    Post(make, standin).deliver(make.now + timedelta(hours=1))
    assert db.session.scalar(select(func.count(InboxMessage.id))) == len(booked)
