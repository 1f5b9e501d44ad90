"""A family first in line does not fit: staff let those behind go first, with a reason."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.staff.models import AuditEntry
from tests.booking import verbs
from tests.console import Console, text_of
from tests.factories import Make

REASON = {"reason": "已电话说明，同意让后面的先报"}


class Blocked:
    """Two of three places are taken, a family of two waits, then two singles."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.run = make.run(capacity=3)
        self.held = [self.single(make) for _ in range(3)]
        holder = make.resident("王芳")
        members = [holder.person.id, make.person("王小明").id]
        party = verbs.book_party(self.run.id, members, account_id=holder.account.id, wait=True)
        self.family = [one.booking_id for one in party.members]
        self.behind = [self.single(make) for _ in range(2)]
        verbs.cancel(self.held.pop())

    def single(self, make: Make) -> int:
        who = make.resident("李建国")
        booked = verbs.book(self.run.id, who.person.id, account_id=who.account.id, wait=True)
        return booked.booking_id

    def states(self) -> list[str]:
        return [verbs.state(one) for one in [*self.family, *self.behind]]

    def path(self, booking: int) -> str:
        return f"/classes/{self.run.id}/enrolments/{booking}/pass-over"


@pytest.fixture
def blocked(make: Make) -> Blocked:
    return Blocked(make)


def test_the_free_place_goes_to_the_next_who_fits(
    console: Console, blocked: Blocked, make: Make
) -> None:
    worker = make.staff("worker")
    page = console.as_(worker).get(f"/classes/{blocked.run.id}")
    assert "2 人同行" in text_of(page)
    assert page.text.count(blocked.path(blocked.family[0])) == 1
    assert blocked.states() == ["waiting"] * 4
    form = text_of(console.as_(worker).get(blocked.path(blocked.family[0])))
    assert "王芳和同行的人排在最前面" in form
    answer = console.as_(worker).post(blocked.path(blocked.family[0]), REASON)
    assert answer.status_code == 302
    assert blocked.states() == ["waiting", "waiting", "offered", "waiting"]
    assert verbs.counters(blocked.run.id) == (3, 3, 0)
    for one in blocked.family:
        assert verbs.history(one)[-1] == ("waiting", None, worker.id, REASON["reason"])
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_id) == ("enrolment.pass_over", blocked.family[0])
    assert note.after == {**REASON, "offered_to": 1}
    after = console.as_(worker).get(f"/classes/{blocked.run.id}")
    assert "pass-over" not in after.text
    # The family is still first: with enough places it is asked.
    verbs.decline(blocked.behind[0])
    verbs.cancel(blocked.held.pop())
    assert blocked.states() == ["offered", "offered", "declined", "waiting"]


def test_only_the_head_that_blocks_is_passed_over(
    console: Console, blocked: Blocked, make: Make
) -> None:
    worker = console.as_(make.staff("worker"))
    assert worker.post(blocked.path(blocked.behind[0]), REASON).status_code == 409
    assert worker.post(blocked.path(blocked.held[0]), REASON).status_code == 409
    assert worker.post(blocked.path(blocked.family[0]), {}).status_code == 422
    assert worker.post(blocked.path(999_999), REASON).status_code == 404
    assert blocked.states() == ["waiting"] * 4
    for one in blocked.behind:
        verbs.cancel(one)
    nobody = worker.post(blocked.path(blocked.family[0]), REASON)
    assert nobody.status_code == 409
    assert "现在没有可以先给后面居民的名额" in text_of(nobody)
    assert db.session.scalars(select(AuditEntry)).all() == []
    assert [state for state, *_ in verbs.history(blocked.family[0])] == ["waiting"]


def test_it_is_for_those_who_manage_the_class(
    console: Console, blocked: Blocked, make: Make
) -> None:
    path = blocked.path(blocked.family[0])
    stranger = make.staff("worker", make.place(name="滨江社区"))
    assert console.as_(stranger).post(path, REASON).status_code == 404
    assert console.as_(make.staff("teacher")).post(path, REASON).status_code == 403
    assert blocked.states() == ["waiting"] * 4
