"""Two phones at the same moment: nobody gets more classes than a person may have."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from backend.booking.models import Booking
from backend.db import db
from backend.night_school import past
from backend.night_school.models import Term
from tests.api import ApiClient
from tests.factories import Make

PHONES = 6


@pytest.fixture
def make(own_app: Flask, now: datetime) -> Iterator[Make]:
    with own_app.app_context():
        yield Make(now)


@pytest.fixture
def hesitating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who has read what is counted waits for the others before they write."""
    together, judge = threading.Barrier(PHONES), past.judge

    def judged(*args):
        found = judge(*args)
        with suppress(threading.BrokenBarrierError):
            together.wait(1)
        return found

    monkeypatch.setattr(past, "judge", judged)


def all_at_once(app: Flask, make: Make) -> tuple[list[int], int]:
    """What each phone is told, and how many classes the person has then; two are allowed."""
    runs = [make.run(course=make.course(f"课程{number}")).id for number in range(PHONES)]
    db.session.execute(update(Term).values(most_per_person=2))
    wang = make.resident()
    person_id, token = wang.person.id, wang.token
    db.session.commit()

    def enrol(run_id: int) -> int:
        path, body = f"/night-school/runs/{run_id}/enrolments", {"person_id": person_id}
        return ApiClient(app).post(path, body, as_=token).status_code

    with ThreadPoolExecutor(PHONES) as threads:
        answers = list(threads.map(enrol, runs))
    db.session.rollback()
    held = db.session.scalar(select(func.count()).where(Booking.person_id == person_id))
    return sorted(answers), held


def test_the_limit_holds(own_app: Flask, make: Make, hesitating) -> None:
    assert all_at_once(own_app, make) == ([201, 201, 409, 409, 409, 409], 2)


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_it_would_not_without_the_lock(own_app: Flask, make: Make, hesitating, monkeypatch) -> None:
    monkeypatch.setattr(past, "lock", lambda _session, _person_id: None)
    answers, held = all_at_once(own_app, make)
    assert held > 2
    assert answers.count(201) == held
