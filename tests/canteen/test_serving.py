"""A meal is handed over once, whoever taps; a mistake is taken back; what nobody took is missed."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from backend import clock, scheduler
from backend.booking import bookables
from backend.booking import service as booking_service
from backend.booking.models import BookingEvent, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, Purse
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.errors import OrderOver, OrdersClosed
from backend.canteen.serving import missing, service
from backend.canteen.serving.check import CHECKS
from backend.canteen.serving.errors import AlreadyServed, GivenBack, NotToday
from backend.canteen.serving.models import Proof, Way
from backend.commands.check import audit
from backend.errors import KeyReused, NotFound
from backend.people import deleting, merging, own_data
from backend.people.queries import Resident
from backend.staff.models import AuditEntry
from tests import settings
from tests.canteen.kitchens import AFTER, CUTOFF, DAY, Cooked, cooked
from tests.canteen.serving import NOON, Counter

OVER = clock.at_minute(DAY, 750) + missing.AFTER


@pytest.fixture
def lunch(make, session) -> Cooked:
    meal = cooked(make, session)
    meal.dish("清炒时蔬", 400)
    return meal


@pytest.fixture
def ordered(lunch: Cooked, make):
    """Wang's lunch for four yuan, paid."""
    wang = make.person("王秀英")
    booking = lunch.order(wang, {"清炒时蔬": 1})
    lunch.pays(wang, booking, 400)
    closing.close(lunch.session, lunch.id, CUTOFF)
    lunch.session.commit()
    return booking


@pytest.fixture
def counter(make, session) -> Counter:
    return Counter(session, make.staff("counter").id)


def balance(session) -> int:
    return session.scalar(select(func.sum(Purse.balance_fen)))


def broken() -> set[str]:
    """The serving's checks that find something, an hour and a half after lunch."""
    found = audit(clock.now() - OVER - timedelta(hours=1))
    return {one.check.name for one in found if one.rows} & {one.name for one in CHECKS}


def test_it_is_handed_over_once(ordered, counter: Counter, session) -> None:
    first = counter.serve(ordered, key="tap")
    assert counter.serve(ordered, key="tap") == service.Served(first.id, is_new=False)
    with pytest.raises(AlreadyServed) as refusal:
        counter.serve(ordered, NOON + timedelta(minutes=1))
    assert "12:00" in str(refusal.value)
    assert counter.state(ordered) == State.ATTENDED
    [row] = counter.rows()
    assert (row.way, row.proof, row.at, row.staff_id) == ("counter", "code", NOON, counter.staff_id)
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "meal.serve"))
    assert (entry.subject_id, entry.place_id is not None) == (ordered.id, True)
    actor = Actor(staff_id=counter.staff_id)
    with pytest.raises(OrderOver):  # what was eaten is not given back
        booking_service.cancel(session, ordered.id, actor, NOON, "不吃了")
    assert not broken()


def test_the_daughter_sees_when_it_was_fetched(
    lunch: Cooked, make, counter: Counter, api, session
) -> None:
    """So does the father; a stranger sees nothing, and what was a mistake is not shown."""
    father, daughter = make.resident("王建国"), make.resident("王芳", phone="13800000009")
    make.consent(daughter.account, father.person)
    order = lunch.order(father.person, {"清炒时蔬": 1})
    served = counter.serve(order, NOON - timedelta(minutes=18))
    for who in (father, daughter):
        shown = api.get(f"/canteens/orders/{order.id}", as_=who.token).get_json()["data"]
        assert (shown["state"], shown["served_way"]) == ("attended", "counter")
        assert shown["served_at"] == "2026-03-12T11:42:00+08:00"
    counter.undo(served.id)
    shown = api.get(f"/canteens/orders/{order.id}", as_=daughter.token).get_json()["data"]
    assert (shown["state"], shown["served_at"], shown["served_way"]) == ("confirmed", None, None)


def test_a_key_stands_for_one_order(ordered, lunch: Cooked, make, counter: Counter) -> None:
    other = lunch.order(make.person("李国强"), {"清炒时蔬": 1})
    counter.serve(ordered, key="tap")
    with pytest.raises(KeyReused):
        counter.serve(other, key="tap")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (NOON - timedelta(minutes=20), NOON - timedelta(minutes=20)),
        (NOON + timedelta(hours=3), NOON),  # the tablet's clock is fast
        (NOON - timedelta(days=400), clock.at_minute(DAY)),
    ],
)
def test_when_it_was_is_within_the_day(told, kept, ordered, counter: Counter) -> None:
    counter.serve(ordered, at=told)
    [row] = counter.rows()
    assert (row.at, row.recorded_at) == (kept, NOON)


def test_a_mistake_is_taken_back_and_stays_written(ordered, counter: Counter, session) -> None:
    served = counter.serve(ordered, key="tap")
    counter.undo(served.id)
    counter.undo(served.id, NOON + timedelta(minutes=1))
    assert counter.state(ordered) == State.CONFIRMED
    assert not counter.serve(ordered, key="tap").is_new  # sent again: it was taken back
    assert counter.state(ordered) == State.CONFIRMED
    assert counter.serve(ordered).is_new
    first, second = counter.rows()
    assert (first.undone_at, first.undone_reason, second.undone_at) == (NOON, "点错了", None)
    states = session.scalars(
        select(BookingEvent.state)
        .where(BookingEvent.booking_id == ordered.id)
        .order_by(BookingEvent.id)
    ).all()
    assert states == [State.ATTENDED, State.CONFIRMED, State.ATTENDED]
    with pytest.raises(NotFound):
        counter.undo(10**9)


def test_what_is_not_handed_over(
    ordered, lunch: Cooked, make, meal_of, counter: Counter, session
) -> None:
    with pytest.raises(NotToday):
        counter.serve(ordered, clock.at_minute(DAY) - timedelta(seconds=1))
    with pytest.raises(NotToday):
        counter.serve(ordered, lunch.service.ends_at + service.LATEST)
    a_class = SimpleNamespace(id=meal_of(make.person("李国强").id))
    with pytest.raises(NotFound):
        counter.serve(a_class)
    booking_service.cancel(session, ordered.id, Actor(staff_id=counter.staff_id), NOON, "不吃了")
    with pytest.raises(GivenBack):
        counter.serve(ordered)
    assert counter.rows() == []


def test_a_meal_called_off_keeps_what_was_eaten(
    ordered, lunch: Cooked, make, counter: Counter, session
) -> None:
    other = lunch.order(make.person("李国强"), {"清炒时蔬": 1})
    counter.serve(ordered)
    bookables.cancel(session, lunch.id, Actor(staff_id=counter.staff_id), NOON, "停电")
    with pytest.raises(GivenBack):
        counter.serve(other)
    assert counter.state(ordered) == State.ATTENDED


def test_nothing_more_is_ordered_by_who_has_eaten(
    ordered, lunch: Cooked, counter: Counter, session
) -> None:
    counter.serve(ordered)
    again = Wanted(
        meal_service_id=lunch.id, person_id=ordered.person_id, mode=Mode.DINE_IN,
        dishes=[(lunch.items["清炒时蔬"].id, 2)],
    )  # fmt: skip
    with pytest.raises(OrdersClosed):
        ordering.order_for(session, Actor(staff_id=counter.staff_id), again, NOON)


def work(now, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("backend.clock.now", lambda: now)
    [job] = [one for one in scheduler.JOBS if one.name == "note missed meals"]
    return job.work(lambda: False)


def test_what_nobody_took_is_missed_and_stays_paid(
    ordered, lunch: Cooked, make, counter: Counter, session, monkeypatch
) -> None:
    taken = lunch.order(make.person("李国强"), {"清炒时蔬": 1})
    off = cooked(make, session, meal="dinner", day=date(2026, 3, 11), cancelled_at=AFTER)
    counter.serve(taken)
    assert off.id not in missing.due(session, OVER)
    assert "meals-are-seen-to" in broken()
    assert work(OVER - timedelta(seconds=1), monkeypatch) == 0
    assert work(OVER, monkeypatch) == 1
    assert work(OVER, monkeypatch) == 0
    assert (counter.state(ordered), counter.state(taken)) == (State.MISSED, State.ATTENDED)
    assert balance(session) == 0
    assert lunch.stands().taken == 2
    # A tablet that was without a network tells it the next morning: it was eaten after all.
    counter.serve(ordered, OVER + timedelta(hours=20), at=NOON)
    assert counter.state(ordered) == State.ATTENDED
    assert not broken()


def test_a_district_that_gives_the_money_back(
    ordered, make, counter: Counter, session, monkeypatch
) -> None:
    giving = settings.for_tests(MISSED_MEALS_ARE_PAID="false")
    monkeypatch.setattr("backend.config.current", lambda: giving)
    assert missing.mark(session, ordered.bookable_id, OVER) == 1
    assert balance(session) == 400
    served = counter.serve(ordered, OVER + timedelta(hours=1), at=NOON)
    assert balance(session) == 0
    counter.undo(served.id, OVER + timedelta(hours=2))
    assert missing.mark(session, ordered.bookable_id, OVER + timedelta(hours=3)) == 1
    assert balance(session) == 400
    [purse] = session.scalars(select(Purse.id))
    ledger.pay_out(session, purse, 300, "out", Actor(), OVER)
    counter.serve(ordered, OVER + timedelta(hours=4), at=NOON)  # spent: nobody falls below nothing
    assert balance(session) == 100


def test_money_of_a_replaced_dish_is_no_missed_meal(ordered, counter: Counter, session) -> None:
    credit = Credit(
        person_id=ordered.person_id, kind=EntryKind.CREDIT, fen=100, key="replaced:1",
        booking_id=ordered.id,
    )  # fmt: skip
    ledger.credit(session, credit, Actor(), NOON)
    missing.mark(session, ordered.bookable_id, OVER)
    counter.serve(ordered, OVER + timedelta(hours=1))
    assert session.scalar(select(func.count()).where(Entry.reversed_by_id.is_not(None))) == 0


def test_it_follows_its_person_and_is_told_to_them(
    lunch: Cooked, make, counter: Counter, session
) -> None:
    gone, wang = make.resident("王秀英"), make.resident("王秀英", phone="13800000009")
    order = lunch.order(gone.person, {"清炒时蔬": 1}, Mode.DELIVERY, "3号楼")
    served = counter.serve(order, way=Way.DOOR, proof=Proof.PERSON, received_by="邻居李阿姨")
    merging.merge(session, gone.person.id, wang.person.id, NOON)
    me = Resident(wang.account.id, wang.person.id)
    told = str(own_data.gather(session, me, NOON))
    assert "邻居李阿姨" in told
    counter.undo(served.id)
    deleting.delete_account(session, me, NOON)
    session.commit()
    [row] = counter.rows()
    assert (row.received_by, row.undone_reason) == (None, "")


def test_what_does_not_fit_is_found(ordered, counter: Counter, session) -> None:
    counter.serve(ordered)
    row = counter.rows()[0]
    row.undone_at, row.undone_by_id, row.undone_reason = NOON, counter.staff_id, "x"
    session.commit()
    assert "meals-served-once" in broken()
