"""The live picture of a lunch, and what couriers did in a month."""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Reason, StopState
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.canteen.welfare import service
from backend.db import db
from backend.people.models import Person
from tests.canteen.kitchens import CUTOFF, DAY, Cooked, cooked
from tests.console import Console, text_of
from tests.factories import Make

OUT = clock.at_minute(DAY, 640)
MINUTE = timedelta(minutes=1)


@dataclass
class Lunch:
    """Two runs: the first is out with three bags, the second waits for somebody."""

    make: Make
    meal: Cooked
    courier_id: int
    bookings: list[int] = field(default_factory=list)

    def run(self, number: int, **given) -> int:
        plan = {
            "meal_service_id": self.meal.id, "number": number, "name": "翠园小区",
            "leaves_at": OUT, "changed_at": self.make.now,
        }  # fmt: skip
        return self.make.add(DeliveryRun(**plan | given)).id

    def stop(self, run_id: int, seq: int, name: str, **given) -> int:
        person = self.make.person(name, phone=f"1390000000{seq}")
        order = self.meal.order(person, {"清炒时蔬": 1}, Mode.DELIVERY, f"3号楼1单元{seq}01")
        plan = {
            "meal_service_id": self.meal.id, "run_id": run_id, "seq": seq, "booking_id": order.id,
            "place_id": self.make.once("community", self.make.place).id, "building": "3",
            "unit": "1", "flat": f"{seq}01",
        }  # fmt: skip
        self.make.add(DeliveryStop(**plan | given))
        db.session.commit()
        return order.id


@pytest.fixture
def lunch(make: Make, app) -> Lunch:
    meal = cooked(make, db.session())
    meal.dish("清炒时蔬", 400)
    courier = make.staff("courier", make.once("community", make.place), name="马晓峰")
    found = Lunch(make, meal, courier.id)
    theirs = {"courier_id": courier.id, "claimed_at": make.now}
    first = found.run(1, out_at=OUT, **theirs)
    done = {"state": StopState.DONE, "at": OUT + 5 * MINUTE}
    failed = {"state": StopState.FAILED, "at": OUT + 6 * MINUTE, "reason": Reason.NO_ANSWER}
    found.stop(first, 1, "张桂兰", **done)
    found.bookings.append(found.stop(first, 2, "王秀英", **failed))
    found.stop(first, 3, "李国强")
    found.stop(found.run(2), 4, "赵玉兰")
    for name, state in (("孙卫东", State.ATTENDED), ("周敏", State.CONFIRMED), ("吴刚", "missed")):
        meal.order(make.person(name), {"清炒时蔬": 1}, Mode.PICK_UP, state=state)
    return found


@pytest.fixture
def dispatcher(console: Console, make: Make) -> Console:
    return console.as_(make.staff("dispatcher", make.once("community", make.place)))


def test_the_live_picture(dispatcher: Console, console: Console, lunch: Lunch, make) -> None:
    path = f"/canteens/meals/{lunch.meal.id}/live"
    with clock.frozen(OUT + 10 * MINUTE):
        here = make.once("community", make.place)
        dispatcher = console.as_(make.staff("dispatcher", here))
        case = service.open_case(
            db.session(), lunch.bookings[0], staff_id=lunch.courier_id, at=OUT + 6 * MINUTE,
            key="phone-0001", now=clock.now(),
        )  # fmt: skip
        db.session.commit()
        assert path in dispatcher.get(f"/deliveries/{lunch.meal.id}").text
        shown = text_of(dispatcher.get(path))
        for words in (
            "送餐没有人应（1）", "王秀英 · 午餐", "4 分钟", "1 还没出发 1 在路上 1 已送到 1 没送到",
            "1 已取 1 还没取 1 没人取、没送到", "马晓峰 · 10:40 出发了", "没人领",
        ):  # fmt: skip
            assert words in shown, words
        # Whoever has their meal in the same building is at home, and may have seen them.
        ring = dispatcher.post(f"/welfare/{case}/phones").text
        assert 'href="tel:13900000001"' in ring
        assert "张桂兰" in ring
        assert "赵玉兰" not in ring
        for someone, status in ((make.staff("dispatcher", make.place()), 404),
                                (make.staff("cook", here), 403),
                                (make.staff("courier", here), 403)):  # fmt: skip
            assert console.as_(someone).get(path).status_code == status


def test_hours_come_from_the_runs_themselves(dispatcher: Console, lunch: Lunch, make) -> None:
    assert "这个月还没有人送过餐" in text_of(dispatcher.get("/deliveries/hours?month=2026-02-01"))
    theirs = {"courier_id": lunch.courier_id, "claimed_at": make.now}
    for number, minutes in ((3, 65), (4, 60)):
        back = OUT + minutes * MINUTE + timedelta(seconds=59)
        lunch.run(number, out_at=OUT, back_at=back, **theirs)
    db.session.commit()
    shown = text_of(dispatcher.get("/deliveries/hours?month=2026-03-20"))
    for words in ("马晓峰", "2 趟，送到 1 份", "1 趟没有收车", "2 小时 5 分"):
        assert words in shown
    book = load_workbook(BytesIO(dispatcher.get("/deliveries/hours.xlsx?month=2026-03-01").data))
    [sums, each] = book.worksheets
    assert [cell.value for cell in sums[2]] == ["马晓峰", 2, 2.08, 1, 1]
    assert [row[9].value for row in each.iter_rows(min_row=2)] == [None, 65, 60]
    elsewhere = dispatcher.as_(make.staff("dispatcher", make.place()))
    assert "还没有人送过餐" in text_of(elsewhere.get("/deliveries/hours?month=2026-03-01"))


def test_at_dinner_a_lunch_that_was_not_taken_is_red(console: Console, lunch: Lunch, make) -> None:
    canteen, times = lunch.meal.canteen, {"from_minute": 1020, "until_minute": 1110}
    make.canteen_meal(canteen, meal="dinner", **times)
    dinner = cooked(
        make, db.session(), meal="dinner", starts_at=clock.at_minute(DAY, 1020),
        ends_at=clock.at_minute(DAY, 1110),
    )  # fmt: skip
    dinner.dish("杂粮粥", 200)
    missed = db.session.get_one(Booking, lunch.bookings[0])
    dinner.order(make.person("陈静"), {"杂粮粥": 1}, Mode.PICK_UP)
    order = dinner.order(missed_by(missed), {"杂粮粥": 1}, Mode.DELIVERY, "3号楼")
    lunch.meal = dinner
    run = lunch.run(1)
    make.add(
        DeliveryStop(
            meal_service_id=dinner.id, run_id=run, seq=1, booking_id=order.id,
            place_id=make.once("community", make.place).id,
        )
    )  # fmt: skip
    closing.close(db.session(), dinner.id, CUTOFF)
    db.session.commit()
    someone = make.staff("clerk", make.once("community", make.place))
    news = f"/counter/{dinner.id}/news.json"
    with clock.frozen(missed.ends_at - timedelta(seconds=1)):
        before = console.as_(someone).get(news).json["version"]
    missed.state = State.MISSED
    db.session.commit()
    with clock.frozen(dinner.service.starts_at):
        clerk = console.as_(someone)
        for path in (f"/counter/{dinner.id}", f"/canteens/meals/{dinner.id}/orders",
                     f"/deliveries/runs/{run}", f"/kitchen/{dinner.id}/board"):  # fmt: skip
            assert text_of(clerk.get(path)).count("午餐没有吃") == 1, path
        assert "王秀英 送餐" in text_of(clerk.get(f"/kitchen/{dinner.id}/board"))
        for path in (f"{dinner.id}/routes.pdf", f"runs/{run}/route.pdf"):
            printed = PdfReader(BytesIO(clerk.get(f"/deliveries/{path}").data)).pages[0]
            assert printed.extract_text().count("▲ 午餐没有吃") == 1, path
        # A tablet that keeps the list hears that it is another one.
        assert clerk.get(news).json["version"] != before


def missed_by(booking: Booking) -> Person:
    return db.session.get_one(Person, booking.person_id)
