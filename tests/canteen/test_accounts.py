"""A meal account beyond the desk: the resident's page, the job, the checks, leaving."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from backend import checking, scheduler
from backend.booking.service import Actor
from backend.canteen.accounts import check, ledger
from backend.canteen.accounts.errors import MoneyLeft
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse
from backend.people import own_data
from backend.people.deleting import delete_account

DAY = date(2026, 3, 12)


@pytest.fixture
def father(make, session, now, meal_of):
    """He has 10 yuan of his own, 5 from his daughter, a grant; one meal is paid, one is held."""
    person, daughter = make.resident("王建国"), make.resident("王芳")
    make.consent(daughter.account, person.person)

    def pay_in(fen: int, key: str, **given) -> None:
        kind = EntryKind.GRANT if "grant" in given else EntryKind.TOP_UP
        wish = Credit(person_id=person.person.id, kind=kind, fen=fen, key=key, **given)
        ledger.credit(session, wish, Actor(), now)

    pay_in(1000, "own", note="邻居代交")
    pay_in(500, "hers", payer_id=daughter.account.id)
    pay_in(200, "grant", grant="重阳补助", expires_on=DAY)
    paid, held = (meal_of(person.person.id) for _ in range(2))
    ledger.hold(session, person.person.id, paid, 600, DAY, now)
    ledger.charge(session, [paid], now)
    ledger.hold(session, person.person.id, held, 300, DAY, now)
    session.commit()
    person.daughter, person.held = daughter, held
    return person


def test_a_resident_sees_one_number_and_the_month(api, father) -> None:
    mine = api.get("/canteens/account", as_=father.token).json["data"]
    assert (mine["available_fen"], mine["held_fen"], mine["grants"]) == (800, 300, [])
    assert (mine["month"], mine["opening_fen"], mine["in_fen"]) == ("2026-03", 0, 1700)
    assert (mine["out_fen"], mine["closing_fen"]) == (600, 1100)
    meal, *others = mine["lines"]
    # From two purses, and still one meal.
    assert (meal["kind"], meal["fen"], meal["balance_fen"]) == ("charge", -600, 1100)
    assert [one["name"] for one in others] == ["补助", "现金充值", "现金充值"]
    assert "邻居代交" not in str(mine)
    before = api.get("/canteens/account?month=2026-02", as_=father.token).json["data"]
    assert (before["closing_fen"], before["lines"]) == (0, [])


def test_the_family_may_look_strangers_may_not(api, father, make) -> None:
    path = f"/canteens/account?person_id={father.person.id}"
    seen = api.get(path, as_=father.daughter.token).json["data"]
    assert seen["available_fen"] == 800
    assert api.get(path, as_=make.resident("路人").token).status_code == 404
    assert api.get(path).status_code == 401
    for bad in ("month=2026-13", "month=x", "person_id=0", "person_id=ab"):
        answer = api.get(f"/canteens/account?{bad}", as_=father.token)
        assert answer.status_code in (404, 422)


def test_grants_run_out_by_themselves(app, session, father, make, now) -> None:
    for days, left in ((0, 100), (1, 0)):
        grant = Credit(
            person_id=father.daughter.person.id, kind=EntryKind.GRANT, fen=100, key=f"g{days}",
            grant=f"补助{days}", expires_on=now.date() - timedelta(days=days),
        )  # fmt: skip
        ledger.credit(session, grant, Actor(), now)
        session.commit()
        [job] = [one for one in scheduler.JOBS if one.name == "expire grants"]
        assert all(scheduler.run_job(app, job) for _ in range(2))
        kept = select(Purse.balance_fen).where(Purse.name == f"补助{days}")
        assert session.scalar(kept) == left


def broken(session) -> list[str]:
    found = checking.run(session.connection(), check.CHECKS, None)
    return [one.check.name for one in found if one.rows]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("UPDATE meal_purse SET balance_fen = balance_fen + 1", "purses-are-their-ledger"),
        ("UPDATE meal_purse SET held_fen = held_fen - 1 WHERE held_fen > 0",
         "purses-hold-their-holds"),
        ("UPDATE meal_hold SET state = 'released' WHERE state = 'open'",
         "purses-hold-their-holds"),
        ("UPDATE ledger_entry SET reversed_by_id = (SELECT max(id) FROM ledger_entry) "
         "WHERE key = 'own'", "reversals-are-pairs"),
    ],
)  # fmt: skip
def test_the_checks_name_what_was_broken(session, father, change, name) -> None:
    assert broken(session) == []
    session.execute(text(change))
    assert name in broken(session)


def test_paid_in_money_is_fetched_before_leaving(session, father, now) -> None:
    with pytest.raises(MoneyLeft) as refused:
        delete_account(session, father.me, now)
    assert refused.value.data["left_fen"] == 1100
    session.rollback()
    ledger.release(session, [father.held], now)
    for purse in session.scalars(select(Purse).where(Purse.balance_fen > 0)).all():
        ledger.pay_out(session, purse.id, purse.balance_fen, f"out{purse.id}", Actor(), now)
    delete_account(session, father.me, now)
    session.expire_all()
    assert session.scalars(select(Entry.note).where(Entry.note.is_not(None))).all() == []
    assert session.scalar(select(func.count()).select_from(MealAccount)) == 1
    assert broken(session) == []


def test_my_data_tells_every_line_and_what_i_paid_for_others(session, father, now) -> None:
    def told(me) -> str:
        return str(own_data.gather(session, me, now))

    his, hers = told(father.me), told(father.daughter.me)
    assert "邻居代交" in his
    assert "重阳补助" in his
    assert "为家人 现金充值" in hers
    assert "邻居代交" not in hers
