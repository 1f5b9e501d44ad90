"""Claims: who has a reminder in hand, what a crash leaves behind, and what waits for morning."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.db import db, transaction
from backend.reminders import outbox, preparing, reasons
from backend.reminders.models import Kind, Reminder
from backend.reminders.preparing import LEASE
from tests.factories import Make
from tests.reminders.post import Post, inbox, only_reminder


def prepare(now: datetime) -> preparing.Prepared:
    with transaction() as session:
        return preparing.prepare(session, now)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=clock.LOCAL)


def test_a_claimed_reminder_is_nobody_elses(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    assert prepare(make.now).claimed == 1
    assert prepare(make.now + LEASE - timedelta(seconds=1)).claimed == 0
    assert prepare(make.now + LEASE).claimed == 1


def test_after_two_crashes_it_is_not_sent_a_third_time(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked", times=5)
    post.enrol(make.run(), wang)
    assert len(prepare(make.now).attempts) == 1
    assert len(prepare(make.now + LEASE).attempts) == 1
    assert prepare(make.now + 2 * LEASE).attempts == []
    row = only_reminder()
    assert (row.state, row.reason) == ("failed", str(reasons.UNANSWERED))
    assert len(inbox(wang)) == 1


@pytest.mark.parametrize(
    ("due", "moment", "goes_out"),
    [
        ("11T21:50", "11T21:59", True),
        ("11T21:50", "11T22:00", False),  # late because of an outage: it waits
        ("11T21:50", "12T06:59", False),
        ("11T21:50", "12T07:00", True),
        ("11T22:30", "11T22:30", True),  # due at night: it concerns today
        ("12T05:00", "12T05:00", True),
        ("11T23:30", "12T06:59", True),
    ],
)
def test_the_night(post: Post, make: Make, due: str, moment: str, goes_out: bool) -> None:
    wang = make.resident()
    post.enrol(make.run(), wang)
    with transaction() as session:
        session.execute(Reminder.__table__.update().values(due_at=at(due)))
    post.deliver(at(moment))
    assert bool(inbox(wang)) is goes_out


@pytest.mark.parametrize(
    ("happened", "concerns_today", "due"),
    [
        ("11T21:59", False, "11T21:59"),
        ("11T22:00", False, "12T07:00"),
        ("12T06:59", False, "12T07:00"),
        ("12T07:00", False, "12T07:00"),
        ("12T05:00", True, "12T05:00"),
    ],
)
def test_when_it_is_due(
    post: Post, make: Make, happened: str, concerns_today: bool, due: str
) -> None:
    with transaction() as session:
        outbox.tell(
            session, Kind.CANCELLED, person_id=make.person().id, account_id=None,
            now=at(happened), concerns_today=concerns_today,
        )  # fmt: skip
    assert only_reminder().due_at == at(due)


def test_a_retry_does_not_ring_at_night(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail("/cgi-bin/message/subscribe/send", "errcode", errcode=-1)
    with transaction() as session:
        session.execute(Reminder.__table__.update().values(due_at=at("11T21:59:30")))
    post.deliver(at("11T21:59:30"))
    assert only_reminder().due_at == at("12T07:00")
    db.session.rollback()
