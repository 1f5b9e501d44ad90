"""The price of a meal that was eaten is given back: once, all of it, and who ordered hears why."""

import pytest
from sqlalchemy import select

from backend import checking
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.check import CHECKS as OF_ACCOUNTS
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind, Purse
from backend.canteen.serving import refunding
from backend.canteen.serving.check import CHECKS as OF_SERVING
from backend.canteen.serving.errors import NotOverYet
from backend.people.models import Consent, Relation
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.recipients import recipients
from backend.reminders.wording import Due
from tests.canteen.kitchens import DAY, Cooked, cooked
from tests.canteen.serving import NOON, Counter

WHY = "汤洒了。"


@pytest.fixture
def lunch(make, session) -> Cooked:
    meal = cooked(make, session)
    meal.dish("红烧豆腐")
    return meal


def test_all_of_it_goes_to_the_purses_it_came_from(lunch: Cooked, make, session, now) -> None:
    """A grant paid first; a part came back before, for a dish that was replaced."""
    wang, clerk = make.person("王秀英"), Counter(session, make.staff().id)
    booking = lunch.order(wang, {"红烧豆腐": 1})
    grant = Credit(person_id=wang.id, kind=EntryKind.GRANT, fen=300, key="g", grant="高龄补助")
    ledger.credit(session, grant, Actor(), now)
    own = Credit(person_id=wang.id, kind=EntryKind.TOP_UP, fen=1000, key="t")
    ledger.credit(session, own, Actor(), now)
    before = dict(balances(session))
    ledger.hold(session, wang.id, booking.id, 800, DAY, now)
    ledger.charge(session, [booking.id], now)
    purse = session.scalars(select(Purse.id).where(Purse.kind == "cash")).one()
    part = Credit(
        person_id=wang.id, kind=EntryKind.CREDIT, fen=200, key="replaced:1", booking_id=booking.id,
        purse_id=purse,
    )  # fmt: skip
    ledger.credit(session, part, Actor(), now)
    session.commit()
    with pytest.raises(NotOverYet):
        refund(session, booking, clerk)
    clerk.serve(booking)
    assert [refund(session, booking, clerk) for _twice in range(2)] == [600, 0]
    assert dict(balances(session)) == before
    assert clerk.state(booking) == "attended"
    assert [
        one
        for one in checking.run(session.connection(), (*OF_ACCOUNTS, *OF_SERVING), NOON)
        if one.rows
    ] == []


def test_who_ordered_hears_why(lunch: Cooked, make, session, now) -> None:
    daughter, mother = make.resident("王丽"), make.person("王秀英")
    make.add(
        Consent(
            account_id=daughter.account.id, person_id=mother.id, relation=Relation.PARENT,
            requested_at=now, given_at=now,
        )
    )  # fmt: skip
    booking = lunch.order(mother, {"红烧豆腐": 1}, account_id=daughter.account.id)
    lunch.pays(mother, booking, 800)
    ledger.charge(session, [booking.id], now)
    clerk = Counter(session, make.staff().id)
    clerk.serve(booking)
    refund(session, booking, clerk)
    [row] = session.scalars(select(Reminder).where(Reminder.kind == Kind.CHANGED))
    [to] = recipients(session, [row.id], NOON).values()
    due = Due(row.id, Kind(row.kind), row.person_id, to.name, own=to.own,
              booking_id=row.booking_id, facts=row.facts)  # fmt: skip
    [message] = wording.compose(session, [due], NOON).messages.values()
    assert message.body == (
        "王丽您好，您为王秀英订的3月12日（周四）的午餐，餐费 8 元已经退回餐卡。原因：汤洒了。"
    )


def refund(session, booking, clerk: Counter) -> int:
    fen = refunding.refund(session, booking.id, staff_id=clerk.staff_id, reason=WHY, now=NOON)
    session.commit()
    return fen


def balances(session) -> list[tuple[int, int]]:
    session.expire_all()
    return [tuple(row) for row in session.execute(select(Purse.id, Purse.balance_fen))]
