"""What a tablet at the counter kept without a network: reconciled once, conflicts settled."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from admin.kept import release
from backend import clock
from backend.booking import service as booking_service
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.serving.models import MealServed, ServingConflict
from backend.db import db
from backend.people import deleting, own_data
from backend.people.queries import Resident
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import DAY, cooked
from tests.console import Console, text_of
from tests.factories import Make, fresh

NOON = clock.at_minute(DAY, 720)


@pytest.fixture
def site(app, console: Console, make: Make, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Two orders of a lunch, two tablets of one counter, and one far away; it is noon."""
    meal = cooked(make, db.session())
    meal.dish("清炒时蔬", 400)
    wang = make.resident("王秀英")
    orders = [
        meal.order(wang.person, {"清炒时蔬": 1}),
        meal.order(make.person("李国强"), {"清炒时蔬": 1}),
    ]
    monkeypatch.setattr("backend.clock.now", lambda: NOON)
    here = make.once("community", make.place)
    one = console.as_(make.staff("counter", here, name="许阿芳"))
    two = Console(app).as_(make.staff("clerk", here, name="顾春梅"))
    far = Console(app).as_(make.staff("counter", make.place(name="远处社区")))
    return SimpleNamespace(
        meal=meal, wang=wang, orders=orders, one=one, two=two, far=far, path=f"/counter/{meal.id}"
    )


def tap(booking: Booking, minutes: int = 10, **given):
    """That many minutes ago."""
    at = clock.rfc3339(NOON - timedelta(minutes=minutes))
    plan = {"booking_id": booking.id, "proof": "list", "key": str(uuid4()), "at": at}
    return plan | {"given": True} | given


def send(console: Console, site, *taps, device_now=NOON):
    body = {"device_now": clock.rfc3339(device_now), "taps": list(taps)}
    return console.post(f"{site.path}/taps", json=body)


def outcomes(answer) -> list[str]:
    return [one["outcome"] for one in answer.json["answers"]]


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def test_taps_arrive_late_and_once_with_their_own_time(site) -> None:
    news = site.one.get(f"{site.path}/news.json").json
    assert (news["me"]["name"], bool(news["csrf"])) == ("许阿芳", True)
    kept = [tap(one) for one in site.orders]
    fast = NOON + timedelta(hours=5)  # the tablet's clock
    for one in kept:
        one["at"] = clock.rfc3339(fast - timedelta(minutes=18))
    first = send(site.one, site, *kept, device_now=fast)
    assert outcomes(first) == ["done", "done"]
    assert first.json["version"] != news["version"]
    again = send(site.one, site, *kept, device_now=fast)
    assert outcomes(again) == ["done", "done"]
    assert again.json["version"] == first.json["version"]
    assert db.session.scalars(select(MealServed.at)).all() == [NOON - timedelta(minutes=18)] * 2


def test_whoever_can_ask_is_told_before_the_meal_is_out(site) -> None:
    assert outcomes(send(site.one, site, tap(site.orders[0]))) == ["done"]
    late = send(site.two, site, tap(site.orders[0], given=False))
    assert outcomes(late) == ["refused"]
    assert "11:50 已经由许阿芳交出去了" in late.json["answers"][0]["sentence"]
    assert count(ServingConflict) == 0
    unknown = send(site.one, site, tap(SimpleNamespace(id=10**6)))
    assert outcomes(unknown) == ["refused"]


def test_what_does_not_fit_is_settled_by_a_person(site) -> None:
    wang, li = site.orders
    send(site.one, site, tap(wang))
    actor = Actor(staff_id=site.meal.make.staff("clerk").id)
    booking_service.cancel(db.session(), li.id, actor, NOON, "不吃了")
    db.session.commit()
    kept = [tap(wang, 8), tap(li, 7)]
    for _ in range(2):  # sent again, it is noted once
        assert outcomes(send(site.two, site, *kept)) == ["conflict", "conflict"]
    assert (count(MealServed), count(ServingConflict)) == (1, 2)
    assert fresh(li).state == State.CANCELLED
    page = text_of(site.one.get(site.path))
    assert "顾春梅在 11:52 发了这一份。可是许阿芳在 11:50 已经发过，可能发了两份。" in page
    assert "可是这一单已经退订，钱也退了。" in page
    first = db.session.scalars(select(func.min(ServingConflict.id))).one()
    at = f"/counter/conflicts/{first}/settle"
    assert site.far.post(at, {"note": "x"}).status_code == 404
    assert site.one.post(at, {}).status_code == 422
    for note in ("多发一份，下次少领", "第二次"):
        assert site.one.post(at, {"note": note}).status_code == 302
    page = text_of(site.one.get(site.path))
    assert "可能发了两份" not in page
    assert "已经退订" in page
    noted = db.session.get_one(ServingConflict, first)
    assert (noted.settled_note, noted.settled_at) == ("多发一份，下次少领", NOON)
    told = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("meal.%")))
    assert sorted(told) == ["meal.conflict", "meal.conflict", "meal.serve", "meal.settle"]
    me = Resident(site.wang.account.id, site.wang.person.id)
    assert "多发一份" in str(own_data.gather(db.session(), me, NOON))
    deleting.delete_account(db.session(), me, NOON)
    db.session.commit()
    assert fresh(noted).settled_note == ""


@pytest.mark.parametrize(
    "wrong",
    [{"key": "short"}, {"at": "gestern"}, {"proof": "magic"}, {"booking_id": "1"}, {"given": None}],
)
def test_bad_taps(wrong, site) -> None:
    assert send(site.one, site, tap(site.orders[0]) | wrong).status_code == 422
    assert send(site.one, site).status_code == 422
    assert count(MealServed) == 0


def test_others_taps_and_news_are_not_found(site) -> None:
    assert send(site.far, site, tap(site.orders[0])).status_code == 404
    assert site.far.get(f"{site.path}/news.json").status_code == 404
    assert site.one.get("/counter/999999/news.json").status_code == 404


def test_the_worker_keeps_what_can_be_had(site) -> None:
    worker = site.one.get("/counter-worker.js").text
    assert release() in worker
    for address in re.search(r"const KEEPS = \[(.*?)\]", worker)[1].replace('"', "").split(", "):
        kept = site.one.get(address.removeprefix("/admin"))
        assert (kept.status_code, "王秀英" in kept.get_data(as_text=True)) == (200, False), address
        kept.close()


@pytest.mark.parametrize(("language", "word"), [("zh", "打开摄像头扫码"), ("en", "camera")])
def test_the_empty_page_names_nobody(site, language, word) -> None:
    page = site.one.get(f"/counter/kept?language={language}").get_data(as_text=True)
    assert word in page
    assert "王秀英" not in page
    assert f"/kept/{release()}/counter.js" in page
