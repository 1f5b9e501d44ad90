"""The scheduler's table of jobs: each does its part, none takes another down with it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend import clock, scheduler
from backend.booking import service
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.people.models import AccessToken
from backend.reminders.models import Kind, PushEvent, Reminder
from backend.scheduler import JOBS, Job, run_job, run_once
from tests.factories import Make, fresh
from tests.reminders.conftest import post, standin
from tests.reminders.post import Post, inbox, reminders

__all__ = ["post", "standin"]  # fixtures


def job(name: str) -> Job:
    return next(job for job in JOBS if job.name == name)


def test_once_does_everything_there_is_to_do(post: Post, make: Make, app: Flask) -> None:
    wang, li = make.resident(), make.resident("李建国")
    post.allow(wang, "booked", "lesson", times=2)
    run = make.run(capacity=1, starts_at=make.now + timedelta(hours=40))
    post.enrol(run, wang)
    post.enrol(run, li, wait=True)
    assert run_once(app) == []
    assert [copy.title for copy in inbox(wang)] == ["报名成功"]
    assert {row.kind for row in reminders(state="due")} == {Kind.LESSON_EVE, Kind.LESSON_SOON}
    with clock.frozen(make.now + timedelta(hours=31)):  # 19:00 of the evening before
        assert run_once(app) == []
    assert [copy.title for copy in inbox(wang)] == ["报名成功", "上课提醒"]
    assert len(post.on_phone(wang)) == 2


def test_an_expired_offer_is_passed_on(post: Post, make: Make, app: Flask) -> None:
    run = make.run(capacity=1)
    wang, li, chen = (make.resident(name) for name in ("王秀英", "李建国", "陈静"))
    first = post.enrol(run, wang)
    second, third = (post.enrol(run, who, wait=True) for who in (li, chen))
    with transaction() as session:
        service.cancel(session, first.id, Actor(account_id=wang.account.id), make.now)
    until = fresh(second).offer_until
    with clock.frozen(until - timedelta(seconds=1)):
        assert run_job(app, job("pass on expired offers"))
    assert fresh(second).state == State.OFFERED
    with clock.frozen(until):
        assert run_job(app, job("pass on expired offers"))
    assert (fresh(second).state, fresh(third).state) == (State.DECLINED, State.OFFERED)
    assert {row.booking_id for row in reminders(kind=Kind.OFFER_EXPIRED)} == {second.id}


def test_what_has_served_its_time_is_cleared_out(post: Post, make: Make, app: Flask) -> None:
    make.resident()
    make.add(PushEvent(key="old", received_at=make.now - timedelta(days=3)))
    make.add(PushEvent(key="new", received_at=make.now))
    assert run_job(app, job("clear out"))
    assert db.session.scalars(select(PushEvent.key)).all() == ["new"]
    assert db.session.scalar(select(func.count()).select_from(AccessToken)) == 1
    with clock.frozen(make.now + timedelta(days=200)):
        assert run_job(app, job("clear out"))
    assert db.session.scalar(select(func.count()).select_from(AccessToken)) == 0


def test_a_job_that_fails_harms_no_other(
    post: Post, make: Make, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = make.resident()
    post.enrol(make.run(), wang)

    def broken(_stopping: object) -> None:
        with transaction() as session:
            session.execute(Reminder.__table__.delete())
            raise RuntimeError("on purpose")

    jobs = (Job("broken", timedelta(seconds=1), broken), job("deliver reminders"))
    monkeypatch.setattr(scheduler, "JOBS", jobs)
    assert run_once(app) == ["broken"]
    assert len(inbox(wang)) == 1
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1


def test_templates_that_do_not_fit_are_named(post: Post, app: Flask) -> None:
    assert scheduler.check_templates(lambda: False) == []
    templates = post.standin.world.templates
    templates["standin-lesson"] = replace(templates["standin-booked"], template_id="standin-lesson")
    del templates["standin-offered"]
    missing, misfit = scheduler.check_templates(lambda: False)
    assert missing == "offered: the account has no template standin-offered"
    assert misfit.startswith("lesson: standin-lesson has the fields thing1, time2, thing3, phrase4")


def test_a_wechat_that_is_down_fails_no_job(post: Post, app: Flask) -> None:
    post.standin.fail("*", "status", times=99)
    assert run_once(app) == []
