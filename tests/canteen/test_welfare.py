"""Nobody answers: a case is opened once, its ladder is worked on time, it ends with an outcome."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from backend import checking, clock, scheduler
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Waits
from backend.canteen.models import Mode
from backend.canteen.repeating import service as standing_orders
from backend.canteen.repeating.models import Rest
from backend.canteen.serving import missing
from backend.canteen.serving.models import MealServed
from backend.canteen.welfare import absent, check, forgetting, queries, service
from backend.canteen.welfare.errors import CaseClosed, NothingBrought
from backend.canteen.welfare.models import (
    AbsentDay,
    Answer,
    DutyText,
    Food,
    GridWorker,
    Outcome,
    Step,
    WelfareCase,
    WelfareStep,
)
from backend.canteen.welfare.service import Ending, Tried
from backend.desk import welfare as desk
from backend.errors import Invalid, NotFound
from backend.people import deleting, merging, own_data
from backend.people.models import Consent, Relation
from backend.places.models import PlaceKind
from backend.reminders.models import InboxMessage, Reminder
from backend.sms.errors import SmsFailed
from backend.sms.facts import Unanswered
from tests.canteen.kitchens import DAY, Cooked, cooked
from tests.console import me_of
from tests.reminders.conftest import post, standin

__all__ = ["post", "standin"]  # fixtures

KNOCKED = clock.at_minute(DAY, 670)  # 11:10
MINUTE = timedelta(minutes=1)
SAFE = Ending(outcome=Outcome.SAFE, food=Food.HANDED)


@pytest.fixture
def lunch(make, session) -> Cooked:
    meal = cooked(make, session)
    meal.dish("清炒时蔬", 400)
    return meal


@pytest.fixture
def wang(make, session, lunch) -> SimpleNamespace:
    """王秀英, whose lunch is brought; her daughter may act for her. Both have accounts."""
    mother, daughter = make.resident("王秀英"), make.resident("王丽", phone="13900000001")
    make.add(
        Consent(
            account_id=daughter.account.id, person_id=mother.person.id, relation=Relation.PARENT,
            requested_at=make.now, given_at=make.now,
        )
    )  # fmt: skip
    booking = lunch.order(mother.person, {"清炒时蔬": 1}, Mode.DELIVERY, "3号楼2单元502")
    return SimpleNamespace(
        mother=mother, daughter=daughter, booking_id=booking.id, person_id=mother.person.id
    )


@pytest.fixture
def courier(make) -> int:
    return make.staff("worker", make.once("community", make.place)).id


def knock(session, wang, courier, at: datetime = KNOCKED, key: str = "phone-0001", **given):
    now = given.pop("now", at)
    with clock.frozen(now):
        case = service.open_case(
            session, given.get("booking_id", wang.booking_id), staff_id=courier, at=at, key=key,
            now=now,
        )  # fmt: skip
    session.commit()
    return case


def work(now: datetime) -> None:
    """As the scheduler does it."""
    [job] = [one for one in scheduler.JOBS if one.name == "raise welfare steps"]
    with clock.frozen(now):
        job.work(lambda: False)


def told(session) -> list[tuple[int | None, str]]:
    rows = session.scalars(select(Reminder).order_by(Reminder.id))
    return [(row.account_id, row.facts["what"]) for row in rows]


def raised(session, case_id: int) -> list[str]:
    session.expire_all()
    rows = session.scalars(
        select(WelfareStep)
        .where(WelfareStep.case_id == case_id, WelfareStep.raised_at.is_not(None))
        .order_by(WelfareStep.rung)
    )
    return [str(row.step) for row in rows]


def broken(session) -> list[str]:
    found = checking.run(session.connection(), check.CHECKS, clock.now() - timedelta(hours=1))
    return [one.check.name for one in found if one.rows]


class Texts:
    """A provider of text messages that takes them, or does not."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Unanswered]] = []
        self.fails: SmsFailed | None = None

    def send_unanswered(self, phone: str, facts: Unanswered) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((phone, facts))

    def close(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def texts(app) -> Texts:
    app.extensions["sms"] = Texts()
    return app.extensions["sms"]


def text_offices(now: datetime) -> None:
    [job] = [one for one in scheduler.JOBS if one.name == "text duty offices"]
    with clock.frozen(now):
        job.work(lambda: False)


def test_the_duty_office_is_told_once(session, make, wang, courier, texts) -> None:
    """By text, where the ladder reaches it; it names nobody, and the case says so."""
    make.once("community", make.place).duty_phone = "13700000009"
    case = knock(session, wang, courier)
    work(KNOCKED + 29 * MINUTE)
    text_offices(KNOCKED + 29 * MINUTE)
    assert texts.sent == []
    for minute in (30, 31):
        work(KNOCKED + minute * MINUTE)
        for _twice in range(2):
            text_offices(KNOCKED + minute * MINUTE)
    [(phone, facts)] = texts.sent
    assert (phone, facts.at, facts.canteen) == ("13700000009", "11:10", "春晖社区食堂")
    row = session.execute(select(DutyText)).scalar_one()
    assert (row.case_id, row.sent_at) == (case, KNOCKED + 30 * MINUTE)
    assert broken(session) == []


@pytest.mark.parametrize(("ambiguous", "tries"), [(False, 5), (True, 1)])
def test_a_text_that_is_not_taken_is_sent_again(
    session, make, wang, courier, texts, ambiguous, tries
) -> None:
    """What may have arrived is not; after five times somebody has to ring."""
    make.once("community", make.place).duty_phone = "13700000009"
    knock(session, wang, courier)
    texts.fails = SmsFailed("down", ambiguous=ambiguous)
    work(KNOCKED + 30 * MINUTE)
    for minute in range(30, 40):
        for second in (0, 5):  # one that was tried rests for a minute
            text_offices(KNOCKED + minute * MINUTE + timedelta(seconds=second))
    session.expire_all()
    row = session.scalars(select(DutyText)).one()
    assert (row.attempts, row.sent_at is None, row.given_up_at is None) == (
        tries, not ambiguous, ambiguous,
    )  # fmt: skip


def test_nobody_is_texted_about_who_was_found(session, make, wang, courier, texts) -> None:
    make.once("community", make.place).duty_phone = "13700000009"
    case = knock(session, wang, courier)
    work(KNOCKED + 30 * MINUTE)
    service.close(session, case, SAFE, staff_id=courier, now=KNOCKED + 30 * MINUTE)
    session.commit()
    text_offices(KNOCKED + 31 * MINUTE)
    assert texts.sent == []


def test_who_is_asked_follows_the_door(session, make, wang, courier, texts) -> None:
    """She stays with her daughter: the grid worker and office there are named, and see the case."""
    other = make.place(name="滨江社区", phone="021-7", duty_phone="13700000008")
    estate = make.place(PlaceKind.ESTATE, other, name="滨江苑")
    for place, name in ((other, "何平"), (make.once("community", make.place), "赵敏")):
        make.add(GridWorker(place_id=place.id, name=name, phone="13700000003"))
    stop = DeliveryStop(
        meal_service_id=session.get_one(Booking, wang.booking_id).bookable_id,
        booking_id=wang.booking_id, place_id=estate.id, waits=Waits.TOO_FEW,
    )  # fmt: skip
    make.add(stop)
    case = knock(session, wang, courier)
    work(KNOCKED + 30 * MINUTE)
    text_offices(KNOCKED + 30 * MINUTE)
    assert [phone for phone, _facts in texts.sent] == ["13700000008"]
    there = me_of(make.staff("worker", other, name="周慧"))
    shown = desk.get_case(session, there, case, KNOCKED)
    named = [(one.step, one.name) for one in shown["contacts"]]
    assert (Step.GRID, "何平") in named
    assert (Step.GRID, "赵敏") not in named
    assert (Step.DUTY, "滨江社区") in named


def test_a_case_is_opened_once(session, wang, courier) -> None:
    case = knock(session, wang, courier)
    assert case is not None
    assert knock(session, wang, courier, now=KNOCKED + MINUTE) == case  # sent again
    assert knock(session, wang, courier, at=KNOCKED + MINUTE, key="phone-0002") == case
    assert queries.open_of(session, [wang.booking_id]) == {wang.booking_id}
    rungs = session.execute(
        select(WelfareStep.step, WelfareStep.due_at).order_by(WelfareStep.rung)
    ).all()
    assert [(row.step, row.due_at - KNOCKED) for row in rungs] == [
        (Step.CALL, timedelta()), (Step.NEIGHBOUR, 10 * MINUTE), (Step.FAMILY, 20 * MINUTE),
        (Step.DUTY, 30 * MINUTE),
    ]  # fmt: skip


def test_the_ladder_is_worked_on_time_and_tells_who_is_concerned(session, wang, courier) -> None:
    case = knock(session, wang, courier)
    steps = [Step.CALL, Step.NEIGHBOUR, Step.FAMILY, Step.DUTY]
    for minutes, upto in ((0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (29, 3), (30, 4), (90, 4)):
        work(KNOCKED + minutes * MINUTE)
        assert raised(session, case) == steps[:upto], minutes
    # The eater at once, the household after twenty minutes, each once.
    assert told(session) == [(None, "call"), (wang.daughter.account.id, "family")]
    service.close(session, case, SAFE, staff_id=courier, now=KNOCKED + 91 * MINUTE)
    session.commit()
    assert told(session)[2:] == [(wang.daughter.account.id, "ended")]
    work(KNOCKED + 120 * MINUTE)
    assert len(told(session)) == 3


def test_what_is_done_is_not_raised(session, wang, courier) -> None:
    case = knock(session, wang, courier)
    asked = Tried(step=Step.GRID, answer=Answer.HEARD, at=KNOCKED + MINUTE, key="k-000001",
                  note="早上去了菜场")  # fmt: skip
    assert service.log(session, case, asked, staff_id=courier, now=KNOCKED + MINUTE)
    assert not service.log(session, case, asked, staff_id=courier, now=KNOCKED + 2 * MINUTE)
    again = Tried(step=Step.NEIGHBOUR, answer=Answer.NOBODY, at=KNOCKED + 3 * MINUTE, key="k-0002")
    assert service.log(session, case, again, staff_id=courier, now=KNOCKED + 3 * MINUTE)
    session.commit()
    work(KNOCKED + 12 * MINUTE)
    assert raised(session, case) == [Step.CALL]
    done = [
        (row.rung, row.step, row.answer)
        for row in queries.steps_of(session, [case])[case]
        if row.done_at
    ]
    # The grid worker stands on the neighbours' rung; who was asked later stands besides.
    assert done == [(1, Step.GRID, Answer.HEARD), (None, Step.NEIGHBOUR, Answer.NOBODY)]


def test_a_phone_that_was_offline_is_late_on_every_rung(session, wang, courier) -> None:
    case = knock(session, wang, courier, now=KNOCKED + 25 * MINUTE)
    assert raised(session, case) == [Step.CALL, Step.NEIGHBOUR, Step.FAMILY]


def test_the_household_reads_plain_words(session, post, wang, courier) -> None:
    case = knock(session, wang, courier)
    post.deliver(KNOCKED + MINUTE)
    work(KNOCKED + 20 * MINUTE)
    post.deliver(KNOCKED + 21 * MINUTE)
    with clock.frozen(KNOCKED + 40 * MINUTE):
        away = Ending(outcome=Outcome.AWAY, food=Food.NEIGHBOUR, food_with="501 张阿姨")
        service.close(session, case, away, staff_id=courier, now=KNOCKED + 40 * MINUTE)
    session.commit()
    post.deliver(KNOCKED + 41 * MINUTE)
    session.expire_all()
    copies = session.scalars(select(InboxMessage).order_by(InboxMessage.id)).all()
    assert [(one.account_id, one.body) for one in copies] == [
        (wang.mother.account.id,
         "王秀英您好，今天上午 11:10 给您送午餐，敲门没有人应。您还好吗？请尽快给食堂回个电话。"),
        (wang.daughter.account.id,
         "王丽您好，今天上午 11:10 给王秀英送午餐，敲门没有人应，电话也还没有联系上。"
         "您知道在哪里吗？请尽快给食堂回个电话。"),
        (wang.daughter.account.id,
         "王丽您好，王秀英的情况已经核实：人在外面，平安。饭菜请邻居代收了，"
         "详情可以给食堂打电话。"),
    ]  # fmt: skip


WRONG_ENDINGS = [
    (Ending(outcome=Outcome.SAFE, food=Food.NEIGHBOUR), "food_with"),
    (Ending(outcome=Outcome.DUTY, food=Food.HANDED), "food"),
    (Ending(outcome=Outcome.POLICE, food=Food.HANDED), "food"),
]


def test_it_ends_once_with_an_outcome_and_where_the_meal_went(session, wang, courier) -> None:
    case, later = knock(session, wang, courier), KNOCKED + 15 * MINUTE
    for ending, name in WRONG_ENDINGS:
        with pytest.raises(Invalid) as refused:
            service.close(session, case, ending, staff_id=courier, now=later)
        assert list(refused.value.errors) == [name]
    with pytest.raises(Invalid):
        service.add(session, case, "太早了", staff_id=courier, now=later)
    ending = Ending(outcome=Outcome.HOSPITAL, food=Food.TAKEN_BACK, note="早上 120 接走")
    assert service.close(session, case, ending, staff_id=courier, now=later)
    assert not service.close(session, case, ending, staff_id=courier, now=later + MINUTE)
    tried = Tried(step=Step.CALL, answer=Answer.FOUND, at=later, key="k-000009")
    for verb in (
        lambda: service.close(session, case, SAFE, staff_id=courier, now=later),
        lambda: service.log(session, case, tried, staff_id=courier, now=later),
    ):
        with pytest.raises(CaseClosed):
            verb()
    service.add(session, case, "女儿说周五出院", staff_id=courier, now=later + MINUTE)
    session.commit()
    assert queries.open_of(session, [wang.booking_id]) == set()
    # What the phone reports late belongs to the case that is closed; a new report is a new case.
    assert knock(session, wang, courier, at=KNOCKED + 2 * MINUTE, key="p-late", now=later) == case
    assert knock(session, wang, courier, at=later + 9 * MINUTE, key="p-again") not in (None, case)


def test_a_meal_is_not_missed_while_its_eater_is_looked_for(
    session, make, lunch, wang, courier
) -> None:
    other = lunch.order(make.person("李国强"), {"清炒时蔬": 1}, Mode.DELIVERY, "5号楼")
    case, late = knock(session, wang, courier), lunch.service.ends_at + missing.AFTER
    assert missing.due(session, late) == [lunch.id]
    assert missing.mark(session, lunch.id, late) == 1
    assert missing.due(session, late) == []
    session.commit()
    session.expire_all()
    states = (session.get_one(Booking, one).state for one in (wang.booking_id, other.id))
    assert list(states) == [State.CONFIRMED, State.MISSED]
    back = Ending(outcome=Outcome.HOSPITAL, food=Food.TAKEN_BACK)
    service.close(session, case, back, staff_id=courier, now=late)
    assert missing.mark(session, lunch.id, late) == 1


def test_whoever_opens_to_the_second_knock_is_well(session, wang, courier) -> None:
    case = knock(session, wang, courier)
    now = KNOCKED + 5 * MINUTE
    assert service.answered(session, wang.booking_id, staff_id=courier, now=now) == case
    assert service.answered(session, wang.booking_id, staff_id=courier, now=now) is None
    row = session.get_one(WelfareCase, case)
    assert (row.outcome, row.food, row.closed_at) == (Outcome.SAFE, Food.HANDED, now)
    assert told(session) == [(None, "call")]  # the household had not been worried
    served = session.scalars(select(MealServed)).one()
    assert (served.booking_id, served.way, served.proof) == (wang.booking_id, "door", "person")
    assert session.get_one(Booking, wang.booking_id).state == State.ATTENDED


def test_announced_absence_makes_no_case(session, make, wang, courier, lunch, now) -> None:
    others = [make.person(name) for name in ("李国强", "赵玉兰")]
    bookings = [lunch.order(one, {"清炒时蔬": 1}, Mode.DELIVERY, "5号楼") for one in others]
    with pytest.raises(Invalid):
        absent.announce(session, wang.person_id, date(2026, 3, 10), Actor(), now)  # yesterday
    for _twice in range(2):
        absent.announce_mine(session, wang.daughter.me, wang.person_id, DAY, now)
    with pytest.raises(NotFound):
        absent.announce_mine(session, wang.daughter.me, others[0].id, DAY, now)
    standing_orders.pause(session, others[0].id, DAY, DAY, Rest.HOSPITAL, Actor(), now)
    session.commit()
    everybody = [wang.person_id, *(one.id for one in others)]
    assert absent.announced(session, everybody, DAY) == set(everybody[:2])
    assert knock(session, wang, courier) is None
    assert knock(session, wang, courier, booking_id=bookings[0].id, key="p-2") is None
    assert knock(session, wang, courier, booking_id=bookings[1].id, key="p-3") is not None
    [day] = absent.list_mine(session, wang.daughter.me, now)
    assert (day["person_name"], day["day"]) == ("王秀英", "2026-03-12")
    absent.take_back_mine(session, wang.daughter.me, wang.person_id, DAY, now)
    session.commit()
    assert knock(session, wang, courier) is not None


def test_only_what_is_brought_today_can_be_unanswered(session, make, lunch, wang, courier) -> None:
    eats_here = lunch.order(make.person("孙卫东"), {"清炒时蔬": 1})
    given_back = lunch.order(
        make.person("周敏"), {"清炒时蔬": 1}, Mode.DELIVERY, "1号楼", state=State.CANCELLED
    )
    handed = lunch.order(
        make.person("吴刚"), {"清炒时蔬": 1}, Mode.DELIVERY, "1号楼", state=State.ATTENDED
    )
    for booking, key in ((eats_here, "p-11"), (given_back, "p-12")):
        with pytest.raises(NothingBrought):
            knock(session, wang, courier, booking_id=booking.id, key=key)
    with pytest.raises(NothingBrought):
        knock(session, wang, courier, at=KNOCKED - timedelta(days=1))
    with pytest.raises(NotFound):
        knock(session, wang, courier, booking_id=10**6)
    assert knock(session, wang, courier, booking_id=handed.id, key="p-13") is None


def test_at_dinner_a_lunch_not_taken_is_known(session, make, lunch, wang) -> None:
    states = {
        name: lunch.order(make.person(name), {"清炒时蔬": 1}, state=state).person_id
        for name, state in (
            ("未领", State.CONFIRMED), ("没来", State.MISSED), ("吃了", State.ATTENDED),
            ("退了", State.CANCELLED),
        )
    }  # fmt: skip
    everybody = [wang.person_id, *states.values()]
    before, after = (lunch.service.ends_at + late * MINUTE for late in (-1, 1))
    assert queries.lunch_not_taken(session, "dinner", everybody, DAY, before) == {states["没来"]}
    absent.announce(session, wang.person_id, DAY, Actor(), make.now)
    expected = {states["未领"], states["没来"]}
    assert queries.lunch_not_taken(session, "dinner", everybody, DAY, after) == expected


def test_cases_follow_a_merge_and_lose_their_words_with_their_person(
    session, make, lunch, wang, courier, now
) -> None:
    case = knock(session, wang, courier)
    tried = Tried(step=Step.CALL, answer=Answer.NOBODY, at=KNOCKED, key="k-000003", note="关机")
    service.log(session, case, tried, staff_id=courier, now=KNOCKED)
    ending = Ending(
        outcome=Outcome.AWAY, food=Food.NEIGHBOUR, food_with="501 张阿姨", note="走亲戚"
    )
    service.close(session, case, ending, staff_id=courier, now=KNOCKED + MINUTE)
    absent.announce(session, wang.person_id, DAY, Actor(), now)
    double = make.person("王秀英")
    for day in (DAY, DAY + timedelta(days=1)):
        absent.announce(session, double.id, day, Actor(), now)
    session.commit()
    lines = str(own_data.gather(session, wang.mother.me, KNOCKED))
    for words in ("外出，平安；交给邻居 501 张阿姨", "给本人打电话：没人接、没人应 关机", "走亲戚"):
        assert words in lines
    merging.merge(session, double.id, wang.person_id, now)
    session.commit()
    assert session.scalars(select(AbsentDay.person_id)).all() == [wang.person_id] * 2
    assert broken(session) == []
    deleting.delete_account(session, wang.mother.me, now)
    session.commit()
    session.expire_all()
    row = session.get_one(WelfareCase, case)
    assert (row.outcome, row.note, row.food_with) == (Outcome.AWAY, None, None)
    assert session.scalar(select(func.count(WelfareStep.note))) == 0
    assert session.scalar(select(func.count(AbsentDay.id))) == 0


def test_words_are_forgotten_after_a_year(session, wang, courier) -> None:
    case = knock(session, wang, courier)
    ending = Ending(outcome=Outcome.SAFE, food=Food.TAKEN_BACK, note="睡着了")
    service.close(session, case, ending, staff_id=courier, now=KNOCKED)
    session.commit()
    assert forgetting.forget(session, KNOCKED + forgetting.KEPT) == 0
    assert forgetting.forget(session, KNOCKED + forgetting.KEPT + MINUTE) == 1
    session.expire_all()
    assert session.get_one(WelfareCase, case).outcome == Outcome.SAFE


def test_the_audit_names_what_was_left_lying(session, make, lunch, wang, courier) -> None:
    knock(session, wang, courier)
    assert broken(session) == []
    with clock.frozen(KNOCKED + timedelta(hours=3)):
        assert broken(session) == ["welfare-steps-are-raised"]
    run = make.add(
        DeliveryRun(
            meal_service_id=lunch.id, number=1, name="翠园小区", leaves_at=KNOCKED, out_at=KNOCKED,
            back_at=KNOCKED + MINUTE, changed_at=KNOCKED,
        )
    )  # fmt: skip
    place_id = make.once("community", make.place).id
    make.add(
        DeliveryStop(
            meal_service_id=lunch.id, run_id=run.id, seq=1, booking_id=wang.booking_id,
            place_id=place_id,
        )
    )  # fmt: skip
    assert broken(session) == ["runs-end-after-their-cases"]
    run.back_at = None
    other = make.person("别人").id
    session.execute(text("UPDATE welfare_case SET person_id = :other"), {"other": other})
    assert broken(session) == ["welfare-cases-are-theirs"]
    session.execute(
        text("UPDATE welfare_case SET closed_at = :at, outcome = 'safe', food = 'neighbour'"),
        {"at": clock.now() + timedelta(days=1)},
    )
    assert "welfare-food-is-accounted-for" in broken(session)
