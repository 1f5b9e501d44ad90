"""The counter hands out the rest, one is put right; who did not come is noted; money goes back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.accounts import cash
from backend.canteen.accounts.errors import MoneySpent
from backend.canteen.accounts.models import MealAccount, Purse
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving import service as serving
from backend.canteen.serving.errors import AlreadyServed
from backend.canteen.serving.models import Proof, Way
from backend.db import db, transaction
from backend.staff.models import Role
from tests.console import me_of
from tests.journeys.lunch.district import AT_POINT, BROUGHT, DAY, EATERS, PAID_IN, Town
from tests.journeys.lunch.evening import paid

OPEN = clock.at_minute(DAY, 11 * 60 + 30)
AFTER = clock.at_minute(DAY, 13 * 60 + 30)
ABSENT, AWAY = 10, 2
"""Who does not come to the counter; who did not open and was found elsewhere."""


def hand_out(town: Town) -> None:
    """All but ten come; the last of them was tapped by mistake, and it is taken back."""
    staff_id = town.staff[Role.COUNTER][0].id
    here = db.session.scalars(
        select(Booking.id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(MealOrder.mode != Mode.DELIVERY)
        .order_by(Booking.id)
    ).all()
    assert len(here) == EATERS - BROUGHT - AT_POINT
    came = here[: len(here) - ABSENT + 1]
    with clock.frozen(OPEN):
        for booking_id in came:
            with transaction() as session:
                served = _serve(session, booking_id, staff_id, f"tap-{booking_id}")
        with transaction() as session:
            serving.undo(session, served.id, staff_id=staff_id, reason="点错了人", now=OPEN)
        with pytest.raises(AlreadyServed), transaction() as session:
            _serve(session, came[0], staff_id, "second tablet")


def end(town: Town) -> None:
    """Half past one: who took nothing is noted, and has paid all the same."""
    with clock.frozen(AFTER):
        town.work("note missed meals")
    states = db.session.execute(
        select(Booking.state, func.count()).group_by(Booking.state)
    ).all()  # fmt: skip
    missed = ABSENT + AWAY
    assert dict(map(tuple, states)) == {State.ATTENDED: EATERS - missed, State.MISSED: missed}


def give_back(town: Town) -> None:
    """Somebody wants what is left of their money; more than that nobody gets."""
    manager = me_of(town.staff[Role.MANAGER][0])
    purse_id, left = db.session.execute(
        select(Purse.id, Purse.balance_fen)
        .join(MealAccount, MealAccount.id == Purse.account_id)
        .where(MealAccount.person_id == town.eaters[0].person_id)
    ).one()
    with clock.frozen(AFTER):
        with pytest.raises(MoneySpent), transaction() as session:
            cash.refund(session, manager, town.canteen.id, purse_id, left + 1, "more", AFTER)
        with transaction() as session:
            cash.refund(session, manager, town.canteen.id, purse_id, left, "all", AFTER)
    kept = db.session.scalar(select(func.sum(Purse.balance_fen)))
    assert kept == EATERS * PAID_IN - paid() - left


def _serve(session, booking_id: int, staff_id: int, key: str) -> serving.Served:
    return serving.serve(
        session, booking_id, way=Way.COUNTER, proof=Proof.LIST, staff_id=staff_id,
        at=OPEN - timedelta(minutes=1), key=key, now=OPEN,
    )  # fmt: skip
