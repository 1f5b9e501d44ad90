"""What the layers are asked for last week's lunches, and what the months before came to."""

from datetime import date, timedelta

from sqlalchemy import insert, select

from backend import clock
from backend.booking.models import Booking
from backend.canteen.accounts.statements import month_before, next_month
from backend.canteen.claims import proposing, queries, service
from backend.canteen.eaters.models import Departure, Leaving
from backend.canteen.models import Canteen, MealService
from backend.canteen.pricing.rules import Payer
from backend.canteen.public_months.models import CanteenMonth
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import MealServed
from backend.db import table_of
from backend.demo.calendar import monday
from backend.demo.scenes.ground import OWN_CENTRE, Ground

_ASKED = (Payer.CITY, Payer.STREET)


def play(ground: Ground) -> None:
    """One meal is left out, the city's claim frozen, the street's a draft; a tick was a mistake."""
    own = ground.centre(OWN_CENTRE)
    canteen_id = ground.session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    _public(ground, canteen_id)
    me, first = ground.staff("accountant"), monday(ground.today) - timedelta(weeks=1)
    last = first + timedelta(days=6)
    eaten = _eaten(ground, canteen_id, (first, last))
    _gone(ground, eaten[-1])
    with ground.when(ground.now - timedelta(hours=2)) as at:
        proposed = proposing.propose(ground.session, me, first, last)
        keys = [one.group.key for one in proposed if one.group.scope.payer in _ASKED]
        city, *_others = service.make(ground.session, me, first, last, keys, at)
        draft = queries.get_claim(ground.session, me, city).draft
        for one in draft.flagged if draft else ():
            service.judge(
                ground.session, me, city, one.row.booking_id, claims=False,
                reason="家属说当天的餐没有动，退回不报", now=at,
            )  # fmt: skip
        service.freeze(ground.session, me, city, at)
    with ground.when(ground.now - timedelta(minutes=50)) as at:
        counter = ground.staff("counter").staff_id
        serving.undo(ground.session, eaten[0], staff_id=counter, reason="点错了人", now=at)


def _eaten(ground: Ground, canteen_id: int, days: tuple[date, date]) -> list[int]:
    """What was handed over in those days, in its order."""
    rows = ground.session.scalars(
        select(MealServed.id)
        .join(Booking, Booking.id == MealServed.booking_id)
        .join(MealService, MealService.id == Booking.bookable_id)
        .where(MealService.canteen_id == canteen_id, MealService.day.between(*days))
        .order_by(MealService.day, MealServed.id)
    )
    return list(rows)


def _gone(ground: Ground, served_id: int) -> None:
    """Whoever ate last had died by then, as the family says."""
    row = ground.session.execute(
        select(Booking.person_id, MealService.day)
        .join(MealServed, MealServed.booking_id == Booking.id)
        .join(MealService, MealService.id == Booking.bookable_id)
        .where(MealServed.id == served_id)
    ).one()
    ground.session.execute(
        insert(table_of(Departure)).values(
            person_id=row.person_id, kind=Leaving.DECEASED, left_on=row.day,
            staff_id=ground.staff("worker").staff_id, noted_at=clock.at_minute(row.day, 900),
        )
    )  # fmt: skip


def _public(ground: Ground, canteen_id: int) -> None:
    """Two months were published; the canteen kept its own books then."""
    last = month_before(month_before(ground.today.replace(day=1)))
    months = (
        (last, 1386, 1_148_350, 415_800, 1_573_420, None),
        (month_before(last), 1254, 1_036_200, 376_200, 1_425_680, "换了新的蒸箱"),
    )
    ground.session.execute(
        insert(table_of(CanteenMonth)),
        [
            {"canteen_id": canteen_id, "month": month, "meals": meals, "income_fen": income,
             "subsidy_fen": subsidy, "cost_fen": cost, "note": note,
             "published_at": clock.at_minute(next_month(month) + timedelta(days=4), 600)}
            for month, meals, income, subsidy, cost, note in months
        ],
    )  # fmt: skip
