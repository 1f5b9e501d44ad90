"""A stop follows its bag: fetched at the counter it is gone, what is taken back is open again."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import checking
from backend.booking.service import Actor
from backend.canteen.carrying import check as carrying_check
from backend.canteen.carrying import claiming, mine, ticking
from backend.canteen.carrying.errors import NotAllSettled
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery import check as delivery_check
from backend.canteen.delivery import moving, offering, queries
from backend.canteen.delivery.models import DeliveryStop, Gone, Reason, StopState, Waits
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving.models import Way
from backend.canteen.welfare import service as welfare
from backend.canteen.welfare.models import Food, WelfareAddition, WelfareCase
from backend.canteen.welfare.models import Outcome as Ended
from backend.canteen.welfare.service import Ending
from backend.desk import meal_counter, meal_live
from backend.staff.models import Role
from tests.canteen.runs import Carried, carried
from tests.canteen.serving import Counter

WANG, LI = "王秀英", "李国强"


@pytest.fixture
def lunch(make, session) -> Carried:
    """A run that is out with two bags; somebody at the counter."""
    made = carried(make, session)
    made.courier = made.staff()
    made.out = made.run(made.courier, WANG, LI)
    made.rider = made.me(made.courier)
    made.clerk = made.me(made.staff(Role.CLERK, "孙店长"), Role.CLERK)
    return made


@pytest.fixture
def counter(lunch: Carried, session) -> Counter:
    return Counter(session, lunch.clerk.staff_id)


def tick(lunch: Carried, session, name: str, outcome: Outcome, now, **given) -> ticking.Ticked:
    stop = lunch.stops[name]
    if outcome == Outcome.DONE:
        given |= {"code": lunch.bookings[name].short_code}
    ticked = Tick(outcome=outcome, key=str(uuid.uuid4()), at=now, **given)
    became = ticking.tick(session, lunch.rider, stop.run_id, stop.id, ticked, now)
    session.commit()
    return became


def state(lunch: Carried, session, name: str = WANG) -> str:
    session.expire_all()
    return session.get_one(DeliveryStop, lunch.stops[name].id).state


def on_the_phone(lunch: Carried, session, now) -> dict[str, str | None]:
    """What of today's bags the courier still has to bring, and why not."""
    [run] = mine.list_mine(session, lunch.rider, now)
    return {one["name"]: one["gone"] for one in run["stops"] if one["state"] != StopState.TODO}


def holds(session, now) -> bool:
    checks = (*carrying_check.CHECKS, *delivery_check.CHECKS)
    return not any(one.rows for one in checking.run(session.connection(), checks, now))


def test_what_is_fetched_at_the_counter_is_not_brought(
    lunch: Carried, session, counter: Counter, now
) -> None:
    counter.serve(lunch.bookings[WANG], now)
    assert on_the_phone(lunch, session, now) == {"王*英": Gone.FETCHED}
    [run] = mine.list_mine(session, lunch.rider, now)
    [seen] = queries.runs_of(session, lunch.meal.id, now)
    assert (run["bags"], seen["todo"], seen["gone"]) == (1, 1, 1)
    live = meal_live.get_live(session, lunch.clerk, lunch.meal.id, now)["counts"]
    assert (live.out, live.collected) == (1, 1)
    assert tick(lunch, session, WANG, Outcome.DONE, now).state == StopState.GONE
    tick(lunch, session, LI, Outcome.DONE, now)
    claiming.back(session, lunch.rider, lunch.out.id, 2, now)
    session.commit()
    assert holds(session, now)


@pytest.mark.parametrize("is_back", [False, True])
def test_a_collection_that_was_none_is_brought_while_the_run_is_open(
    lunch: Carried, session, counter: Counter, now, is_back: bool
) -> None:
    served = counter.serve(lunch.bookings[WANG], now)
    if is_back:
        tick(lunch, session, LI, Outcome.DONE, now)
        claiming.back(session, lunch.rider, lunch.out.id, 2, now)
    counter.undo(served.id, now)
    assert state(lunch, session) == (StopState.GONE if is_back else StopState.TODO)
    [stop, _other] = queries.stops_of(session, lunch.out.id)
    assert stop["gone"] == (Gone.TOO_LATE if is_back else None)
    if not is_back:
        assert tick(lunch, session, WANG, Outcome.DONE, now).state == StopState.DONE
    assert holds(session, now)


def test_what_was_printed_is_old_and_the_last_of_a_run_is_put_in_order(
    lunch: Carried, session, counter: Counter, now
) -> None:
    lunch.out.out_at = None
    session.commit()
    served = counter.serve(lunch.bookings[WANG], now)
    session.refresh(lunch.out)
    assert lunch.out.changed_at == now
    moving.order_anew(session, lunch.clerk, lunch.out.id, now)
    session.commit()
    later = now + timedelta(minutes=1)
    counter.undo(served.id, later)
    session.refresh(lunch.out)
    assert (lunch.out.changed_at, lunch.out.needs_ordering) == (later, True)


def test_who_fetches_by_their_own_wish_is_not_brought_anything_again(
    lunch: Carried, session, counter: Counter, now
) -> None:
    stop = queries.stop_of(session, lunch.stops[WANG].id)
    offering.fetched(session, stop, Actor(staff_id=lunch.clerk.staff_id), now)
    session.commit()
    assert on_the_phone(lunch, session, now) == {"王*英": Gone.PICK_UP}
    counter.undo(counter.serve(lunch.bookings[WANG], now).id, now)
    assert state(lunch, session) == StopState.GONE
    order = select(MealOrder.mode).where(MealOrder.booking_id == lunch.bookings[WANG].id)
    assert session.scalar(order) == Mode.PICK_UP
    assert holds(session, now)


def test_who_waits_for_a_run_waits_again(lunch: Carried, session, counter: Counter, now) -> None:
    stop = lunch.stops[WANG]
    stop.run_id, stop.seq, stop.waits = None, None, Waits.TOO_FEW
    session.commit()
    served = counter.serve(lunch.bookings[WANG], now)
    assert queries.waiting(session, lunch.meal.id) == []
    counter.undo(served.id, now)
    assert [one["id"] for one in queries.waiting(session, lunch.meal.id)] == [stop.id]


def test_a_failure_is_not_taken_back_for_a_bag_that_was_fetched(
    lunch: Carried, session, counter: Counter, now
) -> None:
    tick(lunch, session, WANG, Outcome.FAILED, now, reason=Reason.WRONG_ADDRESS)
    counter.serve(lunch.bookings[WANG], now)
    assert state(lunch, session) == StopState.FAILED
    assert tick(lunch, session, WANG, Outcome.UNDO, now).state == StopState.GONE
    assert on_the_phone(lunch, session, now) == {"王*英": Gone.FETCHED}
    assert holds(session, now)


def test_a_delivery_that_was_none_is_carried_on_or_has_failed(
    lunch: Carried, session, counter: Counter, now
) -> None:
    for name in (WANG, LI):
        tick(lunch, session, name, Outcome.DONE, now)
    first, second = (one.id for one in counter.rows())
    meal_counter.take_back(session, lunch.clerk, first, "送错人了", now)
    session.commit()
    assert on_the_phone(lunch, session, now) == {"李*强": None}
    stop = session.get_one(DeliveryStop, lunch.stops[WANG].id)
    assert (stop.state, stop.reason, stop.at, stop.staff_id) == (StopState.TODO, None, None, None)
    with pytest.raises(NotAllSettled, match="1 份"):
        claiming.back(session, lunch.rider, lunch.out.id, 2, now)
    tick(lunch, session, WANG, Outcome.DONE, now)
    claiming.back(session, lunch.rider, lunch.out.id, 2, now)
    meal_counter.take_back(session, lunch.clerk, second, "点错了", now)
    session.commit()
    session.expire_all()
    stop = session.get_one(DeliveryStop, lunch.stops[LI].id)
    assert (stop.state, stop.reason, stop.at) == (StopState.FAILED, Reason.OTHER, now)
    assert session.scalar(select(func.count(WelfareCase.id))) == 0
    assert holds(session, now)


def test_a_tick_that_is_sent_again_does_not_hand_over_what_was_taken_back(
    lunch: Carried, session, counter: Counter, now
) -> None:
    stop = lunch.stops[WANG]
    code = lunch.bookings[WANG].short_code
    again = Tick(outcome=Outcome.DONE, key="the same tick", at=now, code=code)
    ticking.tick(session, lunch.rider, stop.run_id, stop.id, again, now)
    session.commit()
    counter.undo(counter.rows()[0].id, now)
    became = ticking.tick(session, lunch.rider, stop.run_id, stop.id, again, now)
    assert (became.state, counter.state(lunch.bookings[WANG])) == (StopState.TODO, "confirmed")


def test_whoever_was_no_longer_looked_for_because_of_it_is_looked_for_again(
    lunch: Carried, session, counter: Counter, now
) -> None:
    tick(lunch, session, WANG, Outcome.FAILED, now, reason=Reason.NO_ANSWER)
    tick(lunch, session, WANG, Outcome.UNDO, now)
    later = now + timedelta(minutes=5)
    tick(lunch, session, WANG, Outcome.DONE, later)
    [closed] = session.scalars(select(WelfareCase)).all()
    assert closed.closed_at == later
    after = now + timedelta(minutes=7)
    for _time in range(2):  # pressed twice
        meal_counter.take_back(session, lunch.clerk, counter.rows()[0].id, "点错了一户", after)
        session.commit()
    session.expire_all()
    first, second = session.scalars(select(WelfareCase).order_by(WelfareCase.id)).all()
    assert first.closed_at == later
    assert (second.booking_id, second.opened_at, second.closed_at) == (
        lunch.bookings[WANG].id, after, None,
    )  # fmt: skip
    [note] = session.scalars(select(WelfareAddition)).all()
    assert (note.case_id, note.note) == (first.id, "送达登记撤销了：点错了一户")
    tick(lunch, session, WANG, Outcome.DONE, after + timedelta(minutes=1))
    session.expire_all()
    assert second.closed_at is not None


def test_who_was_found_stays_found_though_the_meal_was_not_handed_over(
    lunch: Carried, session, counter: Counter, now
) -> None:
    tick(lunch, session, WANG, Outcome.FAILED, now, reason=Reason.NO_ANSWER)
    [case] = session.scalars(select(WelfareCase)).all()
    tick(lunch, session, WANG, Outcome.UNDO, now)
    ending = Ending(outcome=Ended.SAFE, food=Food.HANDED)
    welfare.close(session, case.id, ending, staff_id=lunch.clerk.staff_id, now=now)
    session.commit()
    assert state(lunch, session) == StopState.DONE
    assert holds(session, now)
    [served] = counter.rows()
    assert served.way == Way.DOOR
    meal_counter.take_back(session, lunch.clerk, served.id, "没有交到", now)
    session.commit()
    assert session.scalar(select(func.count(WelfareCase.id))) == 1
    assert session.scalar(select(func.count(WelfareAddition.id))) == 1
    assert state(lunch, session) == StopState.TODO
