"""A run is claimed by one, goes out, and comes back when nobody is left unseen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend import checking, clock
from backend.canteen.carrying import check, claiming, mine, photos, skills
from backend.canteen.carrying.errors import NotAllSettled, NotThatFar, RunTaken, SkillMissing
from backend.canteen.delivery.models import DeliveryRun, Reason, Skill, StopState
from backend.canteen.kitchen import closing
from backend.canteen.ordering import mine as orders
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import Proof, Way
from backend.canteen.welfare import service as welfare
from backend.canteen.welfare.models import Food, Outcome, WelfareCase
from backend.canteen.welfare.service import Ending
from backend.errors import NotFound
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from tests.canteen.runs import TODAY, Carried, carried


@pytest.fixture
def lunch(make, session) -> Carried:
    return carried(make, session)


def row(session, run: DeliveryRun) -> DeliveryRun:
    session.expire_all()
    return session.get_one(DeliveryRun, run.id)


def test_one_wins_and_may_give_it_back_until_it_is_out(lunch: Carried, session, now) -> None:
    run = lunch.run()
    zhao, qian = (lunch.me(lunch.staff(name=name)) for name in ("赵师傅", "钱大姐"))
    assert [one["id"] for one in mine.list_claimable(session, qian, now)] == [run.id]
    claiming.claim(session, zhao, run.id, now)
    claiming.claim(session, zhao, run.id, now)  # a second tap
    assert row(session, run).courier_id == zhao.staff_id
    with pytest.raises(RunTaken):
        claiming.claim(session, qian, run.id, now)
    for verb in (claiming.give_back, mine.get_mine):
        with pytest.raises(NotFound):
            verb(session, qian, run.id, now)
    assert mine.list_claimable(session, qian, now) == []
    claiming.give_back(session, zhao, run.id, now)
    assert row(session, run).claimed_at is None
    claiming.claim(session, qian, run.id, now)
    claiming.leave(session, qian, run.id, 3, now)
    with pytest.raises(NotThatFar, match="已经出发"):
        claiming.give_back(session, qian, run.id, now)
    with pytest.raises(NotThatFar, match="已经出发"):
        claiming.leave(session, qian, run.id, 4, now)
    assert row(session, run).boxes_out == 3
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["run.claim", "run.give_back", "run.claim", "run.leave"]


def test_a_run_of_another_day_or_another_canteens_is_nobodys(
    lunch: Carried, session, make, now
) -> None:
    run, someone = lunch.run(), lunch.staff()
    there = make.place(name="东湖社区")
    stranger = SignedInStaff(
        make.staff(Role.COURIER, there).id, "", (Scope(Role.COURIER, there.id, there.path, ""),)
    )
    for me, at in ((stranger, now), (lunch.me(someone), now + timedelta(days=1))):
        assert mine.list_claimable(session, me, at) == []
        with pytest.raises(NotFound):
            claiming.claim(session, me, run.id, at)
    claiming.claim(session, lunch.me(someone), run.id, now)
    with pytest.raises(NotFound):
        mine.get_mine(session, lunch.me(someone), run.id, now + timedelta(days=1))


@pytest.mark.parametrize(
    ("valid_until", "may"),
    [(TODAY - timedelta(days=1), False), (TODAY, True), (None, True)],
)
def test_a_certificate_has_to_be_valid_today(
    lunch: Carried, session, now, valid_until, may
) -> None:
    run, zhao = lunch.run(skill=Skill.HEALTH), lunch.staff()
    boss = lunch.me(lunch.staff(Role.DISPATCHER, "孙调度"), Role.DISPATCHER)
    skills.keep(session, boss, zhao.id, Skill.HEALTH, date(2026, 1, 1))
    skills.keep(session, boss, zhao.id, Skill.HEALTH, valid_until)
    [told] = mine.list_claimable(session, lunch.me(zhao), now)
    assert told["may"] is may
    if may:
        return claiming.claim(session, lunch.me(zhao), run.id, now)
    with pytest.raises(SkillMissing, match="健康证"):
        claiming.claim(session, lunch.me(zhao), run.id, now)
    return None


def test_it_comes_back_when_all_is_settled_and_nobody_is_looked_for(
    lunch: Carried, session, now
) -> None:
    zhao = lunch.staff()
    me, run = lunch.me(zhao), lunch.run(zhao, "王秀英", "李国强")
    with pytest.raises(NotAllSettled, match="2 份"):
        claiming.back(session, me, run.id, 2, now)
    for stop in lunch.stops.values():
        stop.state, stop.reason, stop.at = StopState.FAILED, Reason.NO_ANSWER, now
    session.commit()
    opened = welfare.open_case(
        session, lunch.bookings["王秀英"].id, staff_id=zhao.id, at=now, key="k", now=now
    )
    with pytest.raises(NotAllSettled, match="1 户"):
        claiming.back(session, me, run.id, 2, now)
    assert row(session, run).back_at is None
    ending = Ending(outcome=Outcome.SAFE, food=Food.HANDED)
    welfare.close(session, opened, ending, staff_id=zhao.id, now=now)
    claiming.back(session, me, run.id, 2, now + timedelta(minutes=30))
    assert (row(session, run).boxes_in, session.scalar(select(func.count(WelfareCase.id)))) == (
        2,
        1,
    )
    [told] = mine.list_mine(session, me, now)
    assert (told["back_at"] is not None, told["stops"]) == (True, [])
    with pytest.raises(NotThatFar):
        claiming.back(session, me, run.id, 2, now)


def test_before_it_is_out_it_cannot_come_back(lunch: Carried, session, now) -> None:
    zhao = lunch.staff()
    run = lunch.run(zhao, out_at=None, boxes_out=None)
    with pytest.raises(NotThatFar, match="还没有出发"):
        claiming.back(session, lunch.me(zhao), run.id, 2, now)


def test_a_phone_shows_what_it_takes_to_hand_over_and_no_more(
    lunch: Carried, session, make, now
) -> None:
    zhao = lunch.staff()
    run = lunch.run(zhao)
    wang, done = (
        make.person("王秀英", phone="13812345678"),
        make.person("李国强", phone="13900001111"),
    )
    lunch.meal.diet(wang, allergens=[], texture="soft")
    lunch.stop(run, wang)
    lunch.stop(run, done, state=StopState.DONE, at=now, key="gone by")
    lunch.stop(run, make.person("周强"), flat=None, unit=None, floor=None)
    closing.close(session, lunch.meal.id, now)
    [told] = mine.list_mine(session, lunch.me(zhao), now)
    first, second, third = told["stops"]
    assert (first["head"], first["where"], first["name"]) == (
        "翠园小区 3号楼",
        "2单元 601",
        "王*英",
    )
    assert (first["phone"], first["portions"], first["needs"]) == ("13812345678", 1, "软一些")
    assert (second["phone"], second["note"], second["state"]) == (None, None, "done")
    assert third["where"] == "翠园小区3号楼2单元501室"
    said = str(told)
    assert "王秀英" not in said
    assert lunch.bookings["王秀英"].short_code not in said


def test_dispatchers_keep_certificates_of_all_who_may_carry_there(
    lunch: Carried, session, make
) -> None:
    counter = lunch.staff(Role.COUNTER, "许阿芳")
    boss = lunch.me(lunch.staff(Role.DISPATCHER, "唐建军"), Role.DISPATCHER)
    away = make.staff(Role.COURIER, make.place(name="东湖社区"))
    for someone in (counter, away):
        with pytest.raises(NotFound):
            skills.keep(session, boss, someone.id, Skill.HEALTH, TODAY)
    clerk = lunch.staff(Role.CLERK, "丁春梅")
    zhao = lunch.staff()
    skills.keep(session, boss, clerk.id, Skill.HEALTH, TODAY)
    listed = skills.list_couriers(session, boss)
    assert [(one["id"], one["skills"]) for one in listed] == [
        (zhao.id, {}),
        (clerk.id, {Skill.HEALTH: TODAY}),
        (boss.staff_id, {}),
    ]


def test_the_audit_finds_what_does_not_add_up(lunch: Carried, session, make, now) -> None:
    zhao = lunch.staff()
    run = lunch.run(zhao, "王秀英")
    stop = lunch.stop(run, make.person("李国强"), state=StopState.DONE, at=now, key="never served")
    photo = photos.keep(session, stop.id, b"a photo", zhao.id, now)
    serving.serve(
        session, lunch.bookings["王秀英"].id, way=Way.DOOR, proof=Proof.PHOTO, staff_id=zhao.id,
        at=now, key="another's photo", now=now, photo_id=photo,
    )  # fmt: skip
    run.back_at = now
    session.commit()
    found = checking.run(session.connection(), check.CHECKS, now)
    assert [len(one.rows) for one in found] == [1, 1, 1]


def test_residents_see_where_their_meal_is(lunch: Carried, session, now) -> None:
    zhao = lunch.staff()
    run = lunch.run(zhao, "王秀英", out_at=None, boxes_out=None)

    def told() -> tuple[object, ...]:
        session.expire_all()
        shown = orders.get_one(session, lunch.bookings["王秀英"].id, now)
        return tuple(shown[name] for name in ("delivery", "delivery_at", "delivery_reason"))

    assert told() == (None, None, None)
    claiming.leave(session, lunch.me(zhao), run.id, 1, now)
    assert told() == ("out", clock.rfc3339(now), None)
    stop = lunch.stops["王秀英"]
    stop.state, stop.reason, stop.at = StopState.FAILED, Reason.NO_ANSWER, now
    session.commit()
    assert told() == ("failed", clock.rfc3339(now), "no_answer")
    stop.state, stop.reason = StopState.DONE, None
    session.commit()
    assert told() == (None, None, None)
