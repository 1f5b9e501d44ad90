"""Meal accounts of the neighbours around the canteen: opening balances, a morning at the desk."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from backend.booking.service import Actor
from backend.canteen.accounts import cash, ledger, till
from backend.canteen.accounts.cash import Grant, TopUp
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.accounts.relatives import Named
from backend.canteen.models import Canteen
from backend.demo.people import Resident
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.people.models import Relation

_YUAN = (150, 160, 180, 200, 240, 300)


def play(ground: Ground) -> None:
    """Everybody of the street brings money along; some top up, a daughter for her father, too; one
    till is closed, one is not.
    """
    own = ground.centre(OWN_CENTRE)
    canteen_id = ground.session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    near = ground.near(OWN_CENTRE)
    neighbours = [one for one in ground.residents if near(one)]
    for one in neighbours:
        _brings(ground, one, canteen_id)
    at_home = [one for one in neighbours if one.home.id == own.id]
    yesterday = ground.at(-1, 9 * 60 + 30)
    _top_up(ground, at_home[:4], canteen_id, "yesterday", min(yesterday, ground.now))
    _close(ground, min(yesterday + timedelta(hours=8), ground.now))
    _top_up(ground, at_home[4:7], canteen_id, "today", ground.now - timedelta(minutes=20))
    _daughter_pays(ground, at_home[7], canteen_id)
    old = [one for one in at_home if one.age(ground.today) >= 80]
    given = Grant(
        name="敬老餐补", fen=5000, expires_on=date(ground.today.year, 12, 31), key="demo",
        note="八十岁以上，每人 50 元",
    )  # fmt: skip
    with ground.when(yesterday) as at:
        cash.give(ground.session, ground.staff("clerk"), [one.id for one in old], given, at)


def _brings(ground: Ground, one: Resident, canteen_id: int) -> None:
    opening = Credit(
        person_id=one.id, kind=EntryKind.OPENING, fen=_YUAN[one.id % len(_YUAN)] * 100,
        key=f"opening:{canteen_id}:{one.id}", canteen_id=canteen_id, note="原餐卡余额转入",
    )  # fmt: skip
    actor = Actor(staff_id=ground.staff("manager").staff_id)
    ledger.credit(ground.session, opening, actor, ground.at(-20, 9 * 60))


def _top_up(
    ground: Ground, people: list[Resident], canteen_id: int, key: str, at: datetime
) -> None:
    clerk = ground.staff("clerk")
    for number, one in enumerate(people):
        wish = TopUp(
            person_id=one.id, canteen_id=canteen_id, fen=(number + 1) * 5000, key=f"{key}-{number}"
        )
        with ground.when(at) as now:
            cash.top_up(ground.session, clerk, wish, now)


def _daughter_pays(ground: Ground, one: Resident, canteen_id: int) -> None:
    """She has no account and lives elsewhere; what he does not spend goes back to her."""
    daughter = Named(name="沈小燕", phone="15400000088", relation=Relation.CHILD)
    wish = TopUp(
        person_id=one.id, canteen_id=canteen_id, fen=20000, key="daughter", relative=daughter
    )
    with ground.when(ground.now - timedelta(minutes=10)) as now:
        cash.top_up(ground.session, ground.staff("clerk"), wish, now)


def _close(ground: Ground, at: datetime) -> None:
    clerk = ground.staff("clerk")
    for one in till.list_open(ground.session, clerk):
        with ground.when(at) as now:
            till.close(
                ground.session, clerk, one["canteen_id"], one["staff_id"], one["last_id"],
                one["expected_fen"], None, now,
            )  # fmt: skip
