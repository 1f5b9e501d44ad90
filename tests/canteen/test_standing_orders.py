"""Standing orders: made once, left out with a reason, resting, skipped; up to the cut-off."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from backend import checking, clock
from backend.booking import service as booking
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile
from backend.canteen.models import MenuItem
from backend.canteen.repeating import check, mine, service, working
from backend.canteen.repeating.errors import NotThatDay, TooLateToSkip
from backend.canteen.repeating.making import make_for
from backend.canteen.repeating.models import (
    Otherwise,
    Rest,
    StandingMeal,
    StandingOrder,
    StandingRun,
)
from backend.db import transactional
from backend.errors import Invalid, NotFound
from backend.people import merging
from backend.people.queries import Resident
from backend.reminders.models import Reminder
from tests.canteen.standing import MONDAY, WEEK, became, menus, orders, plan, tried_long_ago

MADE = ("made", None)
FRIDAY_CUTOFF = datetime(2026, 3, 13, 16, tzinfo=clock.LOCAL)
"""Until then Monday's lunch is open; Tuesday's until Monday at the same time."""


@pytest.fixture
def week(make, session, planner, kitchen, now):
    return menus(make, session, planner, kitchen, now)


@pytest.fixture
def wang(make, top_up):
    someone = make.resident()
    top_up(someone.person.id, 100_00)
    return someone


@pytest.fixture
def actor(wang):
    return Actor(account_id=wang.account.id)


def set_up(session, someone, kitchen, now, **given):
    me = Resident(someone.account.id, someone.person.id)
    return mine.set_up(session, me, plan(someone.person.id, kitchen.id, **given), now)


def run(kitchen, now) -> int:
    return working.run(kitchen.id, now, lambda: False)


def test_what_is_on_show_is_made_at_once_the_rest_by_the_run(
    session, make, planner, kitchen, wang, now
) -> None:
    menus(make, session, planner, kitchen, now, publish=False)
    _ident, made = set_up(session, wang, kitchen, now, weekdays=[0, 2])
    session.commit()
    assert (made.made, orders(session, wang.person.id)) == (0, [])
    assert working.canteens_due(session, now) == []
    planning.publish(session, planner, kitchen.id, MONDAY, None, now)
    session.commit()
    assert working.canteens_due(session, now) == [kitchen.id]
    assert run(kitchen, now) == 2
    assert orders(session, wang.person.id) == [(WEEK[0], "confirmed"), (WEEK[2], "confirmed")]
    assert working.canteens_due(session, now) == []
    [report] = session.scalars(select(StandingRun)).all()
    assert (report.people, report.made, report.left_out, report.failed) == (1, 2, {}, 0)
    assert run(kitchen, now) == 0
    assert len(session.scalars(select(StandingRun)).all()) == 1  # a run with nothing to do


def test_what_a_person_gave_back_or_ordered_is_not_made_again(
    session, kitchen, week, wang, actor, now
) -> None:
    _ident, made = set_up(session, wang, kitchen, now)
    assert made.made == 5
    first = session.scalars(select(Booking.id).order_by(Booking.id)).first()
    booking.cancel(session, first, actor, now)
    session.commit()
    assert run(kitchen, now) == 0
    set_up(session, wang, kitchen, now, dish_ids=[kitchen.tofu.id])  # anew, with another dish
    session.commit()
    live = [day for day, state in orders(session, wang.person.id) if state == "confirmed"]
    assert live == WEEK[1:]
    service.pause(session, wang.person.id, MONDAY, None, Rest.AWAY, actor, now)
    service.resume(session, wang.person.id, MONDAY, now)
    session.commit()
    live = [day for day, state in orders(session, wang.person.id) if state == "confirmed"]
    assert live == WEEK[1:]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "money"),
        ({"mode": "delivery"}, "address"),
        ({"dish_ids": ["fish"], "otherwise": Otherwise.NOTHING}, "clash"),
    ],
)
def test_what_is_left_out_has_a_reason_is_told_once_and_tried_again(
    session, make, kitchen, week, top_up, now, given, why
) -> None:
    li = make.resident("李建国")
    diets.write(session, li.person.id, Profile(allergens=("fish",)), now)
    if given.get("dish_ids"):
        given = given | {"dish_ids": [kitchen.fish.id]}
        top_up(li.person.id, 100_00)
    _ident, made = set_up(session, li, kitchen, now, weekdays=[0, 1], **given)
    session.commit()
    assert (made.made, became(session, li.person.id)) == (0, [("left_out", why)] * 2)
    [told] = session.scalars(select(Reminder)).all()
    assert [one["why"] for one in told.facts["left_out"]] == [why] * 2
    assert run(kitchen, now) == 0  # too early to try again
    top_up(li.person.id, 100_00)
    tried_long_ago(session, now)
    done = run(kitchen, now)
    assert done == (2 if why == "money" else 0)
    assert became(session, li.person.id) == ([MADE] if why == "money" else [("left_out", why)]) * 2
    news = [one for one in session.scalars(select(Reminder)) if "left_out" in (one.facts or {})]
    assert len(news) == 1


def test_a_last_try_before_the_cut_off(session, make, kitchen, week, top_up) -> None:
    li, late = make.resident("李建国"), FRIDAY_CUTOFF - timedelta(minutes=45)
    set_up(session, li, kitchen, late, weekdays=[0])
    session.commit()
    top_up(li.person.id, 100_00)
    assert run(kitchen, late + timedelta(minutes=5)) == 0
    assert run(kitchen, late + timedelta(minutes=20)) == 1
    assert became(session, li.person.id) == [MADE]


def test_who_is_left_out_of_portions_does_not_stand_in_others_way(
    session, make, kitchen, week, top_up, now
) -> None:
    people = [make.resident(name) for name in ("王秀英", "李建国", "张爱华")]
    for one in people:
        top_up(one.person.id, 100_00)
    for item in session.scalars(select(MenuItem).where(MenuItem.dish_id == week.set.id)):
        item.capacity = 2
    for one in people:
        set_up(session, one, kitchen, now, weekdays=[0])
    session.commit()
    whole = [became(session, one.person.id) for one in people]
    assert whole == [[MADE], [MADE], [("left_out", "sold_out")]]


def test_a_rest_gives_back_what_is_open_and_goes_on(
    session, kitchen, week, wang, actor, now
) -> None:
    set_up(session, wang, kitchen, now)
    late = FRIDAY_CUTOFF  # exactly at it is closed
    rested = service.pause(
        session, wang.person.id, MONDAY, WEEK[2], Rest.HOSPITAL, actor, late
    )  # fmt: skip
    assert [row.day for row in rested.given_back] == WEEK[1:3]
    assert [row.day for row in rested.stay] == WEEK[:1]
    session.commit()
    assert run(kitchen, late) == 0
    assert service.resume(session, wang.person.id, WEEK[2], late).made == 1
    session.commit()
    live = [day for day, state in orders(session, wang.person.id) if state == "confirmed"]
    assert sorted(live) == [WEEK[0], WEEK[2], WEEK[3], WEEK[4]]
    for from_day, until_day in ((WEEK[1], WEEK[0]), (MONDAY - timedelta(days=9), None)):
        with pytest.raises(Invalid):
            service.pause(session, wang.person.id, from_day, until_day, Rest.AWAY, actor, now)


def test_one_day_is_skipped_and_put_back_up_to_the_cut_off(
    session, kitchen, week, wang, actor, now
) -> None:
    ident, _made = set_up(session, wang, kitchen, now, weekdays=[0, 1])
    for _ in range(2):
        service.skip(session, ident, MONDAY, actor, now)
    assert [state for _day, state in orders(session, wang.person.id)] == ["cancelled", "confirmed"]
    assert service.put_back(session, ident, MONDAY, FRIDAY_CUTOFF - timedelta(seconds=1)).made == 1
    for verb in (
        lambda: service.skip(session, ident, MONDAY, actor, FRIDAY_CUTOFF),
        lambda: service.put_back(session, ident, MONDAY, FRIDAY_CUTOFF),
    ):
        with pytest.raises(TooLateToSkip):
            verb()
    with pytest.raises(NotThatDay):
        service.skip(session, ident, WEEK[2], actor, now)
    later = MONDAY + timedelta(days=28)  # no menu yet
    service.skip(session, ident, later, actor, now)


def test_the_household_may_say_that_somebody_is_in_hospital(
    session, make, kitchen, week, wang, now
) -> None:
    daughter, husband, stranger = make.resident("王芳"), make.resident("李建国"), make.resident()
    for one in (wang, husband):
        make.consent(daughter.account, one.person)
    set_up(session, wang, kitchen, now)
    for who in (daughter, husband):
        me = Resident(who.account.id, who.person.id)
        rested = mine.pause(session, me, wang.person.id, MONDAY, None, Rest.HOSPITAL, now)
        assert len(rested.given_back) == 5
        assert mine.resume(session, me, wang.person.id, MONDAY, now).made == 5
    me = Resident(stranger.account.id, stranger.person.id)
    for verb in (
        lambda: mine.pause(session, me, wang.person.id, MONDAY, None, Rest.AWAY, now),
        lambda: mine.resume(session, me, wang.person.id, MONDAY, now),
        lambda: mine.set_up(session, me, plan(wang.person.id, kitchen.id), now),
    ):
        with pytest.raises(NotFound):
            verb()


def test_a_daughters_order_ends_with_her_consent(
    session, make, kitchen, week, wang, actor, top_up, now
) -> None:
    father = make.person("王建国")
    top_up(father.id, 100_00)
    consent = make.consent(wang.account, father)
    me = Resident(wang.account.id, wang.person.id)
    _ident, made = mine.set_up(session, me, plan(father.id, kitchen.id, weekdays=[0]), now)
    assert made.made == 1
    service.pause(session, father.id, MONDAY, None, Rest.AWAY, actor, now)
    consent.withdrawn_at = now
    session.commit()
    assert service.resume(session, father.id, MONDAY, now).made == 0
    assert became(session, father.id) == [("left_out", "consent")]


def test_of_two_entries_for_one_human_one_goes_on(
    session, make, kitchen, week, wang, top_up, now
) -> None:
    double = make.resident("王秀英")
    top_up(double.person.id, 100_00)
    for one in (wang, double):
        set_up(session, one, kitchen, now, weekdays=[0, 1])
    session.commit()
    transactional(merging.merge)(session, double.person.id, wang.person.id, now)
    live = session.scalars(select(StandingOrder).where(StandingOrder.ended_at.is_(None))).all()
    assert [one.person_id for one in live] == [wang.person.id]
    assert became(session, wang.person.id) == [MADE, MADE]
    assert broken(session) == set()
    assert make_for(session, wang.person.id, now, at_once=True).made == 0


def test_every_check_finds_what_is_broken(session, make, kitchen, week, wang, now) -> None:
    set_up(session, wang, kitchen, now, weekdays=[0])
    assert broken(session) == set()
    other = make.person()
    session.execute(text("UPDATE standing_meal SET person_id = :id"), {"id": other.id})
    session.execute(text("UPDATE person SET deleted_at = created_at"))
    assert broken(session) == {one.name for one in check.CHECKS}


def broken(session) -> set[str]:
    found = checking.run(session.connection(), check.CHECKS, clock.now())
    return {one.check.name for one in found if one.rows}


def test_a_wrong_plan_is_told_by_field(session, kitchen, week, wang, make, now) -> None:
    other = make.dish(make.canteen(make.place(name="滨江社区")), name="别处的菜")
    for given, fields in (
        ({"weekdays": []}, ["weekdays"]),
        ({"dish_ids": [other.id]}, ["dish_ids"]),
        ({"dish_ids": [kitchen.tofu.id] * 2}, ["dish_ids"]),
        ({"portions": 3}, ["portions"]),
        ({"since": MONDAY - timedelta(days=30)}, ["since"]),
    ):
        with pytest.raises(Invalid) as refused:
            set_up(session, wang, kitchen, now, **given)
        assert list(refused.value.errors) == fields
    with pytest.raises(NotFound):
        set_up(session, wang, kitchen, now, meal="dinner")
    assert session.scalars(select(StandingMeal)).all() == []
