"""Somebody died or moved away: what becomes of their meals is decided where it is noted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.canteen.accounts.models import Purse
from backend.canteen.delivery.models import DeliveryStop
from backend.canteen.models import Mode
from backend.canteen.repeating.models import StandingOrder
from backend.db import db
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry
from tests.canteen.routes import Brought, brought
from tests.canteen.standing import plan
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def world(make: Make, app) -> Brought:
    return brought(make, db.session())


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker", make.once("community", make.place), name="赵敏"))


@pytest.fixture
def wang(world: Brought, make: Make):
    """王秀英 has an account, a standing order and a lunch that is in a run by now."""
    one = make.resident("王秀英", home_place_id=world.cuiyuan.id)
    order = world.order(
        "翠园小区1号楼2单元201室", person=one.person, account_id=one.account.id, fee_fen=200
    )
    given = vars_of(plan(one.person.id, world.lunch.canteen.id, mode=Mode.DELIVERY))
    make.add(StandingOrder(**given, account_id=one.account.id, created_at=make.now))
    world.plan()
    one.order = order
    return one


def vars_of(wanted) -> dict:
    given = {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
    return given | {"weekdays": list(wanted.weekdays), "dish_ids": list(wanted.dish_ids)}


def balance() -> int:
    return db.session.scalars(select(Purse.balance_fen)).one()


def told() -> list[str]:
    return list(db.session.scalars(select(Reminder.kind)))


def live() -> list[int]:
    return list(
        db.session.scalars(select(StandingOrder.id).where(StandingOrder.ended_at.is_(None)))
    )


def test_nothing_goes_to_the_door_of_somebody_who_died(
    worker: Console, world: Brought, wang, make: Make
) -> None:
    """Ended and paid back after the cut-off, too; the account hears nothing of it."""
    path = f"/people/{wang.person.id}"
    page = text_of(worker.get(f"{path}/proofs"))
    assert "停掉固定订餐（1 个）" in page
    assert "退 3月12日 周四 午餐" in page
    assert balance() == 0
    day = (make.now - timedelta(days=1)).date().isoformat()
    given = {"left": "deceased", "left_on": day, "booking_ids": [str(wang.order.id)]}
    done = text_of(worker.post(f"{path}/left", given, follow_redirects=True))
    assert "已登记，退了 1 餐。" in done
    assert fresh(wang.order).state == State.CANCELLED
    assert (balance(), live(), told()) == (600, [], [])
    assert world.stop(wang.order).state == "gone"
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-3:] == ["person.left", "standing_order.end", "meal_order.cancel"]


def test_who_moved_away_may_go_on_eating(worker: Console, world: Brought, wang, make) -> None:
    """What is not ticked stays; what is, ends and is told as usual."""
    path, day = f"/people/{wang.person.id}", make.now.date().isoformat()
    worker.post(f"{path}/left", {"left": "moved", "left_on": day})
    assert (fresh(wang.order).state, len(live()), told()) == (State.CONFIRMED, 1, [])
    worker.post(f"{path}/left/take-back")
    other = world.order("翠园小区1号楼2单元202室", "李国强")
    ticked = {"standing": "1", "booking_ids": [str(wang.order.id), str(other.id)]}
    worker.post(f"{path}/left", {"left": "moved", "left_on": day} | ticked)
    assert (fresh(wang.order).state, live(), told()) == (State.CANCELLED, [], [Kind.CANCELLED])
    assert db.session.get_one(Booking, other.id).state == State.CONFIRMED
    assert db.session.scalars(select(DeliveryStop.state)).all() == ["gone"]
