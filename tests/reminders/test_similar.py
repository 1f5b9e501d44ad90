"""Who loses a class hears where else there are places."""

from datetime import date

import pytest

from backend.db import transaction
from backend.night_school import desk
from tests.night_school.staffing import signed_in
from tests.reminders.post import Post, inbox


@pytest.mark.parametrize(
    ("birth_date", "named"),
    [(date(1960, 2, 1), True), (date(1990, 2, 1), False), (None, False)],
)
def test_who_loses_a_class_is_told_where_else_they_may_go(
    post: Post, make, birth_date, named
) -> None:
    who = make.resident(birth_date=birth_date)
    run = make.run()
    make.run(place=make.place(name="和睦社区"), min_age=60)
    post.enrol(run, who)
    post.deliver()
    with transaction() as session:
        desk.cancel_class(session, signed_in(make.staff("worker")), run.id, "老师生病", make.now)
    post.deliver()
    said = inbox(who)[-1]
    assert said.title == "课程取消"
    assert ("《声乐基础》（和睦社区），点开可以看详情并报名" in said.body) is named


def test_whoever_cancels_by_themselves_is_not_sent_elsewhere(post: Post, make) -> None:
    who = make.resident()
    run = make.run()
    make.run(place=make.place(name="和睦社区"))
    booking = post.enrol(run, who)
    with transaction() as session:
        desk.cancel_enrolment(
            session, signed_in(make.staff("worker")), run.id, booking.id, "搬家", make.now
        )
    post.deliver()
    assert "和睦社区" not in inbox(who)[-1].body
