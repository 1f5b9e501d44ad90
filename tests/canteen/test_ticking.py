"""A tick happens once, with a proof or a reason, whatever the network does to it."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import checking, clock
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.carrying import check, telling, ticking
from backend.canteen.carrying.errors import NotThatFar, StopSettled
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery.models import DeliveryStop, Reason, StopState
from backend.canteen.serving.models import MealServed
from backend.canteen.welfare.models import WelfareCase
from backend.errors import Invalid, KeyReused, NotFound
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from tests.canteen.photos import a_photo
from tests.canteen.runs import TODAY, Carried, carried


@pytest.fixture
def lunch(make, session) -> Carried:
    made = carried(make, session)
    made.courier = made.staff()
    made.out = made.run(made.courier, "王秀英", "李国强")
    made.rider = made.me(made.courier)
    return made


def made(outcome: Outcome, at, **given) -> Tick:
    return Tick(**{"outcome": outcome, "key": str(uuid.uuid4()), "at": at} | given)


def do(lunch: Carried, session, ticked: Tick, now, name: str = "王秀英", me=None):
    stop = lunch.stops[name]
    return ticking.tick(session, me or lunch.rider, stop.run_id, stop.id, ticked, now)


def stands(lunch: Carried, session, name: str = "王秀英") -> tuple[str, str, str | None]:
    session.expire_all()
    stop = session.get_one(DeliveryStop, lunch.stops[name].id)
    return stop.state, session.get_one(Booking, stop.booking_id).state, stop.reason


def by_code(lunch: Carried, at, name: str = "王秀英") -> Tick:
    return made(Outcome.DONE, at, code=lunch.bookings[name].short_code)


def test_by_the_eaters_code_once(lunch: Carried, session, now) -> None:
    at = now - timedelta(minutes=9)
    ticked = by_code(lunch, at)
    for _time in range(2):
        became = do(lunch, session, ticked, now)
        assert (became.state, became.at) == (StopState.DONE, at)
    assert stands(lunch, session) == ("done", "attended", None)
    [served] = session.scalars(select(MealServed)).all()
    assert (served.way, served.proof, served.at, served.key) == ("door", "code", at, ticked.key)
    with pytest.raises(StopSettled):
        do(lunch, session, by_code(lunch, now), now)
    with pytest.raises(StopSettled):
        do(lunch, session, made(Outcome.FAILED, now, reason=Reason.REFUSED), now)
    with pytest.raises(StopSettled):
        do(lunch, session, made(Outcome.UNDO, now), now)
    with pytest.raises(KeyReused):
        do(lunch, session, replace(by_code(lunch, now, "李国强"), key=ticked.key), now, "李国强")
    assert not any(one.rows for one in checking.run(session.connection(), check.CHECKS, now))


def test_with_a_photo_and_who_received_it(lunch: Carried, session, now) -> None:
    photo = a_photo()
    for given in ({"photo": photo}, {"received_by": "女儿"}, {}, {"code": "000000"}):
        with pytest.raises(Invalid):
            do(lunch, session, made(Outcome.DONE, now, **given), now)
    assert stands(lunch, session) == ("todo", "confirmed", None)
    ticked = made(Outcome.DONE, now, photo=photo, received_by="女儿")
    do(lunch, session, ticked, now)
    do(lunch, session, ticked, now)
    [served] = session.scalars(select(MealServed)).all()
    [kept] = session.scalars(select(DeliveryPhoto)).all()
    assert (served.proof, served.received_by, served.photo_id) == ("photo", "女儿", kept.id)
    assert kept.stop_id == lunch.stops["王秀英"].id


def test_a_failure_has_a_reason_and_can_be_taken_back_by_who_noted_it(
    lunch: Carried, session, now
) -> None:
    with pytest.raises(Invalid):
        do(lunch, session, made(Outcome.FAILED, now), now)
    do(lunch, session, made(Outcome.FAILED, now, reason=Reason.WRONG_ADDRESS), now)
    assert stands(lunch, session) == ("failed", "confirmed", "wrong_address")
    lunch.out.courier_id = lunch.staff(name="钱大姐").id
    session.commit()
    other = lunch.me(session.get_one(type(lunch.courier), lunch.out.courier_id))
    with pytest.raises(StopSettled, match="自己登记"):
        do(lunch, session, made(Outcome.UNDO, now), now, me=other)
    lunch.out.courier_id = lunch.courier.id
    session.commit()
    undo = made(Outcome.UNDO, now)
    do(lunch, session, undo, now)
    do(lunch, session, undo, now)
    assert stands(lunch, session) == ("todo", "confirmed", None)
    do(lunch, session, by_code(lunch, now), now)
    assert stands(lunch, session) == ("done", "attended", None)


def test_nobody_answers_opens_a_case_that_ends_when_somebody_does(
    lunch: Carried, session, now
) -> None:
    failed = made(Outcome.FAILED, now, reason=Reason.NO_ANSWER)
    do(lunch, session, failed, now)
    do(lunch, session, failed, now)
    [case] = session.scalars(select(WelfareCase)).all()
    assert case.booking_id == lunch.bookings["王秀英"].id
    do(lunch, session, made(Outcome.UNDO, now), now)
    do(lunch, session, by_code(lunch, now), now + timedelta(minutes=5))
    session.expire_all()
    assert case.closed_at is not None


def test_somebody_elses_stop_is_not_there(lunch: Carried, session, now) -> None:
    stranger = lunch.me(lunch.staff(name="钱大姐"))
    with pytest.raises(NotFound):
        do(lunch, session, by_code(lunch, now), now, me=stranger)
    other = lunch.run(lunch.courier, "周强")
    stop = lunch.stops["王秀英"]
    with pytest.raises(NotFound):
        ticking.tick(session, lunch.rider, other.id, stop.id, by_code(lunch, now), now)
    assert stands(lunch, session) == ("todo", "confirmed", None)


def test_an_order_that_was_given_back_is_brought_along(lunch: Carried, session, now) -> None:
    booking.cancel(session, lunch.bookings["王秀英"].id, Actor(staff_id=lunch.courier.id), now)
    session.commit()
    for _time in range(2):
        assert do(lunch, session, by_code(lunch, now), now).state == StopState.GONE
    assert stands(lunch, session)[:2] == ("gone", "cancelled")
    assert session.scalar(select(func.count(MealServed.id))) == 0


def test_what_was_fetched_at_the_counter_is_not_handed_over_again(
    lunch: Carried, session, now
) -> None:
    lunch.bookings["王秀英"].state = State.ATTENDED
    session.commit()
    failed = made(Outcome.FAILED, now, reason=Reason.NO_ANSWER)
    assert do(lunch, session, failed, now).state == StopState.GONE
    assert session.scalar(select(func.count(WelfareCase.id))) == 0


@pytest.mark.parametrize(
    ("change", "word"),
    [({"out_at": None, "boxes_out": None}, "出发"), ({"back_at": clock.at_minute(TODAY)}, "交回")],
)
def test_only_while_the_run_is_out(lunch: Carried, session, now, change, word) -> None:
    for name, value in change.items():
        setattr(lunch.out, name, value)
    session.commit()
    with pytest.raises(NotThatFar, match=word):
        do(lunch, session, by_code(lunch, now), now)


@pytest.mark.parametrize(
    ("told", "hours", "kept"),
    [(timedelta(hours=5), 0, timedelta(0)), (timedelta(days=-900), 0, timedelta(minutes=-30)),
     (timedelta(0), 50, timedelta(0))],
)  # fmt: skip
def test_a_phone_that_lay_dead_tells_it_days_later_and_no_clock_is_believed_blindly(
    lunch: Carried, session, now, told, hours, kept
) -> None:
    became = do(lunch, session, by_code(lunch, now + told), now + timedelta(hours=hours))
    assert became.at == now + kept
    assert stands(lunch, session)[0] == "done"


def test_who_ordered_for_somebody_else_hears_of_it(lunch: Carried, session, make, now) -> None:
    daughter, eater = make.resident("王芳"), make.resident("王建国")
    for signed, person in ((daughter, make.person("王老伯")), (eater, eater.person)):
        lunch.stop(lunch.out, person, signed.account)
        do(
            lunch,
            session,
            made(Outcome.DONE, now, photo=a_photo(), received_by="邻居"),
            now,
            person.name,
        )
    [told] = session.scalars(select(Reminder)).all()
    assert (told.kind, told.account_id) == (Kind.CHANGED, daughter.account.id)
    due = Due(told.id, Kind.CHANGED, told.person_id, "王芳", own=False, booking_id=told.booking_id,
              facts=told.facts)  # fmt: skip
    message = telling.word(due, telling.read(session, [due], now)[told.id], now)
    assert "王老伯" in message.body
    assert "送到了" in message.body
    assert "邻居" in message.body


def test_a_tick_is_few_statements(lunch: Carried, session, now, statements) -> None:
    stop = lunch.stops["王秀英"]
    ticked = by_code(lunch, now)
    run_id, stop_id = stop.run_id, stop.id
    statements.clear()
    ticking.tick(session, lunch.rider, run_id, stop_id, ticked, now)
    assert len(statements) <= 8, statements
