"""The dispatcher's pages: runs of a meal, who waits, what is moved, printed and counted."""

from datetime import timedelta

import pytest

from backend.booking.models import Booking
from backend.canteen.delivery.models import CourierSkill, DeliverySetting, Skill
from backend.db import db
from backend.places.models import Place, PlaceKind
from backend.staff.models import AuditEntry
from backend.tables import table
from tests.canteen.routes import Brought, brought
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def world(make: Make, app) -> Brought:
    return brought(make, db.session())


@pytest.fixture
def dispatcher(console: Console, world: Brought) -> Console:
    place = db.session.get_one(Place, world.lunch.canteen.place_id)
    return console.as_(world.lunch.make.staff("dispatcher", place, name="孙调度"))


def audited() -> list[str]:
    return [one.action for one in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_lunch_is_dispatched(dispatcher: Console, world: Brought) -> None:
    """Planned, an address found, a late order put in order, printed, boxes counted."""
    low = world.order("翠园小区1号楼2单元201室", "王秀英")
    world.order("翠园小区1号楼2单元601室", "李国强")
    lost = world.order("老地方", "张桂兰")
    assert "还没有要送的餐" in text_of(dispatcher.get("/deliveries"))
    world.plan()
    listed = text_of(dispatcher.get("/deliveries"))
    assert "待安排 1 份 1 趟，2 份" in listed
    meal = f"/deliveries/{world.lunch.id}"
    page = text_of(dispatcher.get(meal))
    assert "不知道送到哪里（1 份）" in page
    assert "张桂兰 老地方 填地址" in page
    assert "打印全部路线单" not in page
    assert dispatcher.get(f"{meal}/routes.pdf").status_code == 409
    [run] = world.runs()
    assert dispatcher.get(f"/deliveries/runs/{run.id}/route.pdf").status_code == 409
    assert "打印路线单" not in dispatcher.get(f"/deliveries/runs/{run.id}").text
    stop = f"/deliveries/stops/{world.stop(lost).id}"
    assert "订餐时填的地址： 老地方" in text_of(dispatcher.get(stop))
    wrong = dispatcher.post(f"{stop}/place", {"estate_id": world.cuiyuan.id, "building": ""})
    assert wrong.status_code == 422
    where = {"estate_id": world.cuiyuan.id, "building": "1号楼", "unit": "2", "flat": "501"}
    placed = dispatcher.post(f"{stop}/place", where, follow_redirects=True)
    run_page = text_of(placed)
    assert "3 翠园小区 1号楼 2单元 501 张桂兰 · 1 份菜" in run_page
    assert "有一份是后加的，排在最后" in run_page
    path = f"/deliveries/runs/{run.id}"
    ordered = text_of(dispatcher.post(f"{path}/order", follow_redirects=True))
    assert "2 翠园小区 1号楼 2单元 501 张桂兰" in ordered
    assert "有一份是后加的" not in ordered
    for paper in (f"{meal}/routes.pdf", f"{path}/route.pdf"):
        printed = dispatcher.get(paper)
        assert printed.content_type == "application/pdf"
        assert printed.data.startswith(b"%PDF")
    moved = dispatcher.post(
        f"/deliveries/stops/{world.stop(low).id}/move", {"run_id": ""}, follow_redirects=True
    )
    assert "第 2 趟" in text_of(moved)
    counted = dispatcher.post(
        f"{path}/boxes", {"boxes_out": "2", "boxes_in": "1"}, follow_redirects=True
    )
    assert "饭盒数已记下" in text_of(counted)
    assert "饭盒出 2，回 1" in text_of(dispatcher.get(meal))
    assert dispatcher.post(f"{path}/boxes", {"boxes_out": "-5"}).status_code == 422
    for minutes, words in ((21, ""), (20, "快出发了还没有人领（2 趟）"), (-5, "第 2 趟 · 翠园")):
        for one in world.runs():
            one.leaves_at = world.lunch.make.now + timedelta(minutes=minutes)
        db.session.commit()
        alarm = text_of(dispatcher.get("/deliveries/alarm"))
        assert words in alarm if words else not alarm.strip()
    assert "快出发了还没有人领" in text_of(dispatcher.get(meal))
    assert audited() == [
        "delivery.place", "delivery.order", "delivery.move", "delivery.boxes",
    ]  # fmt: skip


def test_too_few_are_settled_one_by_one(dispatcher: Console, world: Brought) -> None:
    world.facts(world.jinxiu, drop_from=9, drop_point="东门岗亭旁")
    orders = [
        world.order(f"锦绣苑1号楼30{n}", name, fee_fen=200)
        for n, name in enumerate(("王秀英", "李国强", "张桂兰"))
    ]
    world.plan()
    meal = f"/deliveries/{world.lunch.id}"
    assert "小区人数不够，没有排趟（3 份）" in text_of(dispatcher.get(meal))

    def settle(order: Booking, how: str, **form: str) -> str:
        stop = f"/deliveries/stops/{world.stop(order).id}"
        return text_of(dispatcher.post(f"{stop}/{how}", form, follow_redirects=True))

    assert "已改为自取，送餐费 2 元退回餐卡" in settle(orders[0], "fetch")
    assert "请填写这一项" in settle(orders[1], "give-back")
    assert "已退餐，餐费退回餐卡" in settle(orders[1], "give-back", reason="来不了")
    assert "锦绣苑 1号楼 302" in settle(orders[2], "bring")
    assert "这一份已经办完，或者不用送了" in settle(orders[2], "bring")
    assert "没有排趟" not in text_of(dispatcher.get(meal))


def test_somebody_is_called_in(dispatcher: Console, world: Brought, make: Make) -> None:
    """Who has papers and carries there; taken off again; not once the run is back."""
    make.add(DeliverySetting(canteen_id=world.lunch.canteen.id, skill=Skill.HEALTH))
    fit, unfit = make.staff("courier", name="马晓峰"), make.staff("courier", name="钱文")
    cook, now = make.staff("cook", name="郑国强"), make.now
    until = world.lunch.service.day
    make.add(CourierSkill(staff_id=fit.id, skill=Skill.HEALTH, valid_until=until))
    late = until - timedelta(days=1)
    make.add(CourierSkill(staff_id=unfit.id, skill=Skill.HEALTH, valid_until=late))
    world.order("翠园小区1号楼201")
    world.plan()
    run = f"/deliveries/runs/{world.runs()[0].id}"
    page = text_of(dispatcher.get(run))
    assert "马晓峰" in page
    assert "钱文" not in page

    def assign(staff_id: int | str) -> str:
        form = {"staff_id": str(staff_id)}
        return text_of(dispatcher.post(f"{run}/courier", form, follow_redirects=True))

    assert "没有登记这一趟要求的证件，或者证件过期了" in assign(unfit.id)
    assert dispatcher.post(f"{run}/courier", {"staff_id": cook.id}).status_code == 404
    assert "已记下谁来送" in assign(fit.id)
    assert world.runs()[0].courier_id == fit.id
    world.runs()[0].out_at = now
    db.session.commit()
    assert "这一趟又可以领了" in assign("")
    [left] = world.runs()
    assert (left.courier_id, left.claimed_at, left.out_at) == (None, None, None)
    assert "已记下谁来送" in assign(fit.id)
    run_row = world.runs()[0]
    run_row.out_at = run_row.back_at = now
    db.session.commit()
    assert "这一趟已经结束，不能再改" in assign("")
    assert audited() == ["delivery.assign"] * 3


def test_nobody_dispatches_elsewhere(console: Console, world: Brought, make: Make) -> None:
    order = world.order("翠园小区1号楼201")
    world.plan()
    run, stop = world.runs()[0].id, world.stop(order).id
    there = make.place(parent=make.place(PlaceKind.STREET), name="东湖社区")
    elsewhere = console.as_(make.staff("dispatcher", there))
    assert "还没有要送的餐" in text_of(elsewhere.get("/deliveries"))
    world.runs()[0].leaves_at = make.now
    db.session.commit()
    assert "没有人领" not in text_of(elsewhere.get("/deliveries/alarm"))
    for path in (
        f"{world.lunch.id}", f"{world.lunch.id}/routes.pdf", f"runs/{run}", f"runs/{run}/route.pdf",
        f"stops/{stop}",
    ):  # fmt: skip
        assert elsewhere.get(f"/deliveries/{path}").status_code == 404
    for path, form in (
        (f"runs/{run}/courier", {}), (f"runs/{run}/order", {}), (f"runs/{run}/boxes", {}),
        (f"stops/{stop}/move", {}),
        (f"stops/{stop}/place", {"estate_id": "1", "building": "1"}), (f"stops/{stop}/bring", {}),
        (f"stops/{stop}/fetch", {}), (f"stops/{stop}/give-back", {"reason": "x"}),
    ):  # fmt: skip
        assert elsewhere.post(f"/deliveries/{path}", form).status_code == 404, path
    assert console.as_(make.staff("teacher")).get("/deliveries").status_code == 403
    assert elsewhere.get("/deliveries/runs/999999").status_code == 404


def test_buildings_are_known_by_a_table(
    console: Console, world: Brought, make: Make, monkeypatch
) -> None:
    """What couriers know of houses is typed in or comes as a sheet; runs go by it."""
    manager = console.as_(make.staff("manager"))
    path = "/tables/building_facts/new"
    given = {"place_id": world.jinxiu.code, "drop_point": "东门岗亭旁", "has_lift": "否"}
    assert "取餐点和满几份要一起填。" in text_of(manager.post(path, given))
    house = given | {"place_id": world.buildings[1].code, "drop_from": "2"}
    assert "集中取餐点登记在小区上，不在楼栋上。" in text_of(manager.post(path, house))
    manager.post(path, given | {"drop_from": "2"})
    monkeypatch.setattr(table, "MANY", 2)  # as in a city: found by typing
    form = manager.get(path).text
    assert '<option value="翠园小区1号楼">' in form
    assert "<select" not in form.split('id="place_id"')[1].split("</datalist>")[0]
    lift = {"place_id": "翠园小区1号楼", "has_lift": "是", "turn": "1"}
    manager.post(path, lift)
    assert "已经有别的记录选了它" in text_of(manager.post(path, lift))
    setting = {"canteen_id": world.lunch.canteen.code, "bag_capacity": "2", "leave_minutes": "30"}
    manager.post("/tables/delivery_settings/new", setting)
    assert manager.get("/tables/courier_skills").status_code == 404  # 配送 keeps couriers' papers
    assert "送餐员证件" not in text_of(manager.get("/tables"))
    up, down = world.order("翠园小区1号楼601"), world.order("翠园小区1号楼201")
    points = [world.order("锦绣苑501"), world.order("锦绣苑502")]
    world.plan()
    assert world.walked() == [[down.id, up.id], [one.id for one in points]]
    leaves = world.lunch.service.starts_at - world.runs()[0].leaves_at
    assert leaves.total_seconds() == 30 * 60
