"""Runs: everybody who is brought a meal has one stop, or is on a list for a person to decide."""

from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from random import Random

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, true

from backend import scheduler
from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import statements
from backend.canteen.delivery import moving, own_data, papers, planning, queries
from backend.canteen.delivery.check import CHECKS
from backend.canteen.delivery.errors import RoutesBlocked, RunClosed, StopSettled
from backend.canteen.delivery.forgetting import KEPT, doors_go, forget
from backend.canteen.delivery.models import DeliverySetting, DeliveryStop, StopState, Waits
from backend.canteen.delivery.moving import Where
from backend.canteen.kitchen.models import KitchenPaper, PaperKind
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealCut, MealLine, MealOrder, MealShare
from backend.canteen.serving import missing
from backend.commands.check import audit
from backend.db import RunAgain
from backend.errors import NotFound
from backend.people.deleting import Deletion
from backend.people.queries import Resident
from backend.places.models import PlaceKind
from backend.reminders import call_list, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from tests.canteen.kitchens import AFTER, DAY, cooked
from tests.canteen.routes import Brought, brought


@pytest.fixture
def world(make, session) -> Brought:
    return brought(make, session)


def broken() -> set[str]:
    """The checks of deliveries that find something, once orders have been closed for an hour."""
    found = {one.check.name for one in audit(timedelta(hours=-5)) if one.rows}
    return found & {one.name for one in CHECKS}


def test_runs_are_planned_once(world: Brought) -> None:
    world.lunch.make.add(
        DeliverySetting(canteen_id=world.lunch.canteen.id, bag_capacity=3, skill="health")
    )
    world.facts(world.buildings[2], has_lift=True, turn=1)
    low = world.order("翠园小区2号楼1单元201")
    high = world.order("翠园小区2号楼1单元601")
    one = world.order("翠园小区1号楼201")
    top = world.order("翠园小区 1 幢 601")
    other = world.order("锦绣苑9号楼101")
    world.lunch.order(world.lunch.make.person("李国强"), {"清炒时蔬": 1}, Mode.PICK_UP)
    assert planning.due(world.session, AFTER) == []  # not before the sheet
    assert world.plan() == 5
    assert world.walked() == [[low.id, high.id], [top.id, one.id, other.id]]
    first, second = world.runs()
    assert (first.number, first.name, first.skill) == (1, "翠园小区 2号楼", "health")
    assert second.name == "翠园小区 1号楼，锦绣苑 9号楼"
    assert first.leaves_at == world.lunch.service.starts_at - timedelta(minutes=20)
    assert world.stop(top).place_id == world.buildings[1].id
    assert world.stop(other).place_id == world.jinxiu.id
    assert planning.due(world.session, AFTER) == []
    assert world.plan() == 0
    assert not broken()


def test_who_lives_there_need_not_say_so(world: Brought) -> None:
    zhang = world.resident("张桂兰", world.buildings[3])
    home = world.order("3号楼 2单元501", person=zhang)
    elsewhere = world.order("和平里3号楼501", person=zhang, state=State.CANCELLED)
    twin = world.lunch.make.place(PlaceKind.ESTATE, name="锦绣苑", parent=world.lunch.make.place())
    near = world.order("锦绣苑2号楼301")
    li = world.resident("李国强", twin)
    own = world.order("锦绣苑2号楼301", person=li)
    world.plan()
    assert world.stop(home).place_id == world.buildings[3].id
    assert world.stop(near).place_id == world.jinxiu.id
    assert world.stop(own).place_id == twin.id
    found = select(func.count()).where(DeliveryStop.booking_id == elsewhere.id)
    assert world.session.scalar(found) == 0


def test_what_enters_later_is_added_at_the_end(world: Brought) -> None:
    make = world.lunch.make
    make.add(DeliverySetting(canteen_id=world.lunch.canteen.id, bag_capacity=3))
    old = [world.order(f"翠园小区1号楼{n}01") for n in (2, 3)]
    world.order("锦绣苑1号楼101"), world.order("锦绣苑1号楼201"), world.order("锦绣苑1号楼301")
    world.plan()
    late = world.order("翠园小区1号楼601")
    assert planning.due(world.session, AFTER) == [world.lunch.id]
    assert planning.plan(world.session, world.lunch.id, AFTER) == 1
    assert world.walked()[0] == [old[1].id, old[0].id, late.id]
    first, second = world.runs()
    assert (first.needs_ordering, second.needs_ordering) == (True, False)
    full = world.order("翠园小区1号楼501")
    planning.plan(world.session, world.lunch.id, AFTER)
    assert world.walked()[2] == [full.id]  # nobody carries more than they can
    me = world.dispatcher()
    moving.order_anew(world.session, me, first.id, AFTER)
    assert world.walked()[0] == [late.id, old[1].id, old[0].id]
    assert not world.runs()[0].needs_ordering
    world.runs()[2].out_at = AFTER
    world.session.commit()
    gone = world.order("翠园小区1号楼401")
    planning.plan(world.session, world.lunch.id, AFTER)
    assert world.walked()[3] == [gone.id]  # that one has left
    assert not broken()


def test_a_stop_moves_to_another_run(world: Brought) -> None:
    world.lunch.make.add(DeliverySetting(canteen_id=world.lunch.canteen.id, bag_capacity=2))
    a, b = world.order("翠园小区1号楼201"), world.order("翠园小区1号楼301")
    c = world.order("锦绣苑1号楼101")
    world.plan()
    me = world.dispatcher()
    first, second = world.runs()
    moving.move(world.session, me, world.stop(a).id, second.id, AFTER)
    assert world.walked() == [[b.id], [c.id, a.id]]
    first, second = world.runs()
    assert (first.needs_ordering, second.needs_ordering) == (False, True)
    assert second.name == "翠园小区 1号楼，锦绣苑 1号楼"
    with pytest.raises(StopSettled):
        moving.move(world.session, me, world.stop(a).id, second.id, AFTER)
    new = moving.move(world.session, me, world.stop(a).id, None, AFTER)
    assert world.walked() == [[b.id], [c.id], [a.id]]
    second = world.runs()[1]
    second.out_at = second.back_at = AFTER
    world.session.commit()
    with pytest.raises(RunClosed):
        moving.move(world.session, me, world.stop(a).id, second.id, AFTER)
    with pytest.raises(NotFound):
        moving.move(world.session, me, world.stop(a).id, new + 99, AFTER)
    booking.cancel(world.session, a.id, Actor(staff_id=me.staff_id), AFTER)
    assert world.stop(a).state == StopState.GONE
    assert queries.stops_of(world.session, new)[0]["state"] == "gone"
    with pytest.raises(StopSettled):
        moving.move(world.session, me, world.stop(a).id, first.id, AFTER)
    assert not broken()


@pytest.mark.parametrize("address", [None, "和平里3号楼501", "翠园小区501"])
def test_nobody_is_sent_without_an_address(world: Brought, address: str | None) -> None:
    known, lost = world.order("翠园小区1号楼201"), world.order(address, "张桂兰")
    world.plan()
    assert world.walked() == [[known.id]]
    assert (world.stop(lost).waits, world.stop(lost).run_id) == (Waits.NO_ADDRESS, None)
    assert papers.due(world.session, AFTER) == []
    with pytest.raises(RoutesBlocked):
        papers.read(world.session, world.lunch.id, AFTER)
    me, ident = world.dispatcher(), world.stop(lost).id
    with pytest.raises(NotFound):
        moving.place(world.session, me, ident, Where(estate_id=9999, building="3"), AFTER)
    where = Where(estate_id=world.cuiyuan.id, building="１号楼", unit="2单元", flat="601室")
    moving.place(world.session, me, ident, where, AFTER)
    assert world.walked() == [[known.id, lost.id]]
    stop = world.stop(lost)
    assert (stop.building, stop.unit, stop.floor, stop.flat) == ("1", "2", 6, "601")
    assert stop.place_id == world.buildings[1].id
    assert papers.due(world.session, AFTER) == [world.lunch.id]
    assert not broken()


def test_an_estate_is_served_at_one_point(world: Brought) -> None:
    world.facts(world.jinxiu, drop_from=2, drop_point="东门岗亭旁")
    a, b = world.order("锦绣苑501"), world.order("锦绣苑1号楼301")
    world.plan()
    [run] = world.runs()
    stops = queries.stops_of(world.session, run.id)
    assert {one["booking_id"] for one in stops} == {a.id, b.id}
    assert {(one["at_drop_point"], one["drop_point"]) for one in stops} == {(True, "东门岗亭旁")}


@pytest.mark.parametrize(("modes", "cut"), [([], []), (["delivery"], [100])])
def test_a_rule_for_meals_that_are_brought_gives_nothing_for_one_that_is_fetched(
    world: Brought, make, modes, cut
) -> None:
    """Nobody pays more for it: the canteen bears what the layer does not give any more."""
    world.facts(world.jinxiu, drop_from=9, drop_point="东门岗亭旁")
    order = world.order("锦绣苑1号楼302", "李国强")
    parts = [{"fixed_fen": 100, "payers": {"city": 1}}]
    version, session = make.subsidy(modes=modes, parts=parts), world.session
    line = session.scalars(select(MealLine).where(MealLine.booking_id == order.id)).one()
    kept = session.get_one(MealOrder, order.id)
    for row in (line, kept):
        row.subsidy_fen, row.pays_fen = 100, 300
    kept.subsidy_version_id = version.id
    make.add(MealShare(line_id=line.id, part=0, payer="city", fen=100))
    world.plan()
    moving.fetch(session, world.dispatcher(), world.stop(order).id, AFTER)
    assert session.scalars(select(MealCut.fen)).all() == cut


def test_who_was_too_few_is_brought_it_once_others_order(world: Brought, make) -> None:
    """Whoever has not decided yet comes along, and is told; whoever fetches it does."""
    world.facts(world.jinxiu, drop_from=3, drop_point="东门岗亭旁")
    zhang = make.resident("张桂兰")
    waits = world.order("锦绣苑1号楼301", person=zhang.person, account_id=zhang.account.id)
    fetched = world.order("锦绣苑1号楼302", "李国强")
    world.plan()
    moving.fetch(world.session, world.dispatcher(), world.stop(fetched).id, AFTER)
    late = [world.order("锦绣苑1号楼303", "陈淑珍"), world.order("锦绣苑1号楼304", "赵敏")]
    planning.plan(world.session, world.lunch.id, AFTER)
    world.session.commit()
    assert world.walked() == [[one.id for one in (waits, *late)]]
    stop = world.stop(waits)
    assert (stop.waits, stop.at_drop_point, stop.state) == (None, True, StopState.TODO)
    assert world.stop(fetched).state == StopState.GONE
    assert not broken()
    row = world.session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    assert (row.booking_id, row.account_id) == (waits.id, zhang.account.id)
    due = Due(row.id, Kind(row.kind), row.person_id, "张桂兰", booking_id=waits.id, facts=row.facts)
    [message] = wording.compose(world.session, [due], AFTER).messages.values()
    assert "您小区订送餐的人数够了，照常送到东门岗亭旁，不用自取，也不用退餐。" in message.body
    calls = call_list.list_calls(world.session, true(), AFTER)
    assert calls == []  # nobody has to ring about it any more


def test_too_few_are_asked(world: Brought, make) -> None:
    """By message and telephone: fetched, given back, or brought all the same."""
    world.facts(world.jinxiu, drop_from=9, drop_point="东门岗亭旁")
    zhang = make.resident("张桂兰")
    with_phone = world.order("锦绣苑1号楼301", person=zhang.person, account_id=zhang.account.id)
    fee = world.order("锦绣苑1号楼302", "李国强", fee_fen=200)
    back = world.order("锦绣苑1号楼303", "陈淑珍", fee_fen=200)
    world.plan()
    assert {world.stop(one).waits for one in (with_phone, fee, back)} == {Waits.TOO_FEW}
    told = select(Reminder.booking_id, Reminder.state).order_by(Reminder.booking_id, Reminder.id)
    assert [tuple(row) for row in world.session.execute(told)] == [
        (with_phone.id, "due"), (with_phone.id, "unreached"), (fee.id, "unreached"),
        (back.id, "unreached"),
    ]  # fmt: skip
    assert not broken()
    calls = call_list.list_calls(world.session, true(), AFTER)
    assert {one["person_name"] for one in calls} == {"张桂兰", "李国强", "陈淑珍"}
    assert all(
        "不到 9 份，送餐车不过去。可以改到食堂自取，也可以退餐" in one["tell"] for one in calls
    )
    me = world.dispatcher()
    assert moving.fetch(world.session, me, world.stop(fee).id, AFTER) == 200
    order = world.session.get_one(MealOrder, fee.id)
    assert (order.mode, order.revision) == (Mode.PICK_UP, 2)
    assert world.stop(fee).state == StopState.GONE
    account = statements.get_account(world.session, fee.person_id, DAY)
    assert account["available_fen"] == 200
    moving.give_back(world.session, me, world.stop(back).id, "不方便来取", AFTER)
    assert world.stop(back).state == StopState.GONE
    assert statements.get_account(world.session, back.person_id, DAY)["available_fen"] == 600
    moving.bring(world.session, me, world.stop(with_phone).id, AFTER)
    assert world.walked() == [[with_phone.id]]
    assert not world.stop(with_phone).at_drop_point
    for verb in (moving.fetch, moving.bring):
        with pytest.raises(StopSettled):
            verb(world.session, me, world.stop(with_phone).id, AFTER)
    calls = call_list.list_calls(world.session, true(), AFTER)
    assert [one["person_name"] for one in calls if "送餐车" in one["tell"]] == []
    assert not broken()


def test_the_lists_of_a_dinner_are_drawn_anew_once_lunch_is_judged(make, session) -> None:
    world = brought(make, session)
    wang = world.resident("王秀英", world.cuiyuan)
    world.order("翠园小区1号楼201", person=wang)
    world.lunch.service.meal = "dinner"
    lunch = cooked(make, session)
    lunch.dish("红烧豆腐", 800)
    lunch.order(wang, {"红烧豆腐": 1})
    world.lunch.service.ends_at = lunch.service.ends_at + timedelta(hours=5)
    session.commit()
    world.plan()
    papers.keep(session, world.lunch.id, b"before", None, AFTER)
    judged = lunch.service.ends_at + missing.AFTER
    for now, due in ((judged - timedelta(seconds=1), []), (judged, [world.lunch.id])):
        assert papers.due(session, now) == due
        printed = papers.read(session, world.lunch.id, now)
        assert (printed == b"before") is not bool(due)
    [page] = PdfReader(BytesIO(printed)).pages
    assert "▲ 午餐没有吃" in page.extract_text()
    papers.keep(session, world.lunch.id, printed, None, judged)
    assert papers.due(session, judged + timedelta(minutes=1)) == []


def test_the_lists_lie_ready_and_are_drawn_anew(world: Brought, monkeypatch) -> None:
    world.order("翠园小区1号楼201")
    monkeypatch.setattr("backend.clock.now", lambda: AFTER)
    jobs = {one.name: one.work for one in scheduler.JOBS}
    jobs["close meals"](lambda: False)
    assert jobs["plan runs"](lambda: False) == 1  # planned before labels were drawn: its list
    assert jobs["plan runs"](lambda: False) == 0
    kept = papers.read(world.session, world.lunch.id, AFTER)
    drawn = select(KitchenPaper.made_at).where(KitchenPaper.kind == PaperKind.LABELS)
    assert kept.startswith(b"%PDF")
    assert world.session.scalar(drawn) == AFTER
    later = AFTER + timedelta(minutes=5)
    monkeypatch.setattr("backend.clock.now", lambda: later)
    world.order("翠园小区1号楼301")
    assert jobs["plan runs"](lambda: False) == 2
    assert papers.read(world.session, world.lunch.id, later) != kept
    assert world.session.scalar(drawn) == later
    assert jobs["plan runs"](lambda: False) == 0
    assert forget(world.session, world.lunch.service.ends_at + KEPT) == 0
    assert forget(world.session, world.lunch.service.ends_at + KEPT + timedelta(days=1)) == 2
    assert forget(world.session, world.lunch.service.ends_at + KEPT + timedelta(days=1)) == 0


def test_a_door_is_told_to_its_owner_and_forgotten_with_them(world: Brought, make) -> None:
    zhang = make.resident("张桂兰")
    order = world.order("翠园小区1号楼2单元201", person=zhang.person)
    world.plan()
    me = Resident(zhang.account.id, zhang.person.id)
    told = own_data.deliveries_told(world.session, me, AFTER)
    assert [said for _meal, said in told.rows] == ["1号楼 2单元 201 待送"]
    done = Deletion(zhang.account.id, [zhang.person.id], [], [], AFTER)
    doors_go(world.session, done)
    world.session.commit()
    stop = world.stop(order)
    assert (stop.unit, stop.flat, stop.place_id) == (None, None, world.buildings[1].id)


def test_what_does_not_tie_out_is_found(world: Brought) -> None:
    here, there = world.order("翠园小区1号楼201"), world.order("翠园小区1号楼301")
    lost = world.order("翠园小区1号楼401")
    world.plan()
    assert not broken()
    first = world.stop(here).seq
    world.stop(there).seq = first
    world.session.commit()
    world.session.delete(world.stop(lost))
    world.session.commit()
    assert broken() == {"stops-tie-out", "everybody-has-a-stop"}
    world.session.get_one(Booking, here.id).state = State.CANCELLED
    world.session.commit()
    assert broken() == {one.name for one in CHECKS}


def test_whatever_happens_everybody_has_one_stop(world: Brought) -> None:
    """Orders come and go, stops are moved, in any order."""
    chance, me = Random(7), world.dispatcher()
    world.facts(world.jinxiu, drop_from=3, drop_point="东门")
    addresses = ["翠园小区1号楼201", "翠园小区2号楼2单元501", "锦绣苑3号楼101", "老地方"]
    for n in range(6):
        world.order(addresses[n % 4])
    world.plan()
    for _step in range(24):
        what = chance.randrange(4)
        stops = world.session.scalars(select(DeliveryStop).order_by(DeliveryStop.id)).all()
        stop = chance.choice(stops)
        with suppress(StopSettled, NotLive, RunAgain):
            if what == 0:
                world.order(chance.choice(addresses))
                planning.plan(world.session, world.lunch.id, AFTER)
            elif what == 1:
                run = chance.choice([None, *(one.id for one in world.runs())])
                moving.move(world.session, me, stop.id, run, AFTER)
            elif what == 2:
                moving.order_anew(world.session, me, chance.choice(world.runs()).id, AFTER)
            else:
                booking.cancel(world.session, stop.booking_id, Actor(staff_id=me.staff_id), AFTER)
        world.session.commit()
        assert not broken()
