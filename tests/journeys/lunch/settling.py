"""In April the city is asked for what was really eaten in March, and for nothing else."""

from datetime import date, timedelta

from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.claims import proposing, queries, service
from backend.canteen.claims.models import MealClaim
from backend.commands.check import audit
from backend.db import db, transaction
from backend.staff.models import Role
from tests.console import me_of
from tests.journeys.lunch.afternoon import ABSENT, AWAY
from tests.journeys.lunch.district import EATERS, MENU, Town

APRIL = clock.at_minute(date(2026, 4, 2), 9 * 60)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def claim(town: Town) -> None:
    """A quarter of the price, at most three yuan, of each meal that somebody has had; for good."""
    me = me_of(town.staff[Role.ACCOUNTANT][0])
    with clock.frozen(APRIL):
        with transaction() as session:
            keys = [one.group.key for one in proposing.propose(session, me, *MARCH)]
            assert keys == [f"city:{town.canteen.id}"]
            [claim_id] = service.make(session, me, *MARCH, keys, APRIL)
        with transaction() as session:
            service.freeze(session, me, claim_id, APRIL)
        row = db.session.get_one(MealClaim, claim_id)
        assert queries.matches(db.session(), row)
    eaten = select(Booking.person_id).where(Booking.state == State.ATTENDED)
    ate = set(db.session.scalars(eaten))
    owed = sum(
        _subsidy(town.plate(number))
        for number, one in enumerate(town.eaters) if one.person_id in ate
    )  # fmt: skip
    assert (row.meals, row.fen) == (len(ate), owed)
    assert len(ate) == EATERS - ABSENT - AWAY


def hold() -> None:
    """Every check of the books holds, but that nobody has sent the messages."""
    with clock.frozen(APRIL):
        wrong = {one.check.name: one.rows[:3] for one in audit(timedelta(0)) if one.rows}
    wrong.pop("reminders-go-out")
    assert not wrong, wrong


def _subsidy(plate: tuple[str, ...]) -> int:
    return min(sum(MENU[name] for name in plate) // 4, 300)
