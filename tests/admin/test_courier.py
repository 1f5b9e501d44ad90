"""The courier's pages: claim, leave, tick, come back; what is not theirs is not there."""

import re
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend import clock
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.delivery.models import CourierSkill, Skill
from backend.canteen.serving.models import MealServed
from backend.db import db
from backend.staff.models import Role
from tests.canteen.photos import a_photo
from tests.canteen.runs import carried
from tests.console import text_of

JSON = {"Accept": "application/json"}


@pytest.fixture
def lunch(make, app) -> SimpleNamespace:
    made = carried(make, db.session())
    made.zhao = made.staff()
    made.out = made.run(made.zhao, "王秀英", "李国强")
    made.free = made.run(name="翠园小区 5号楼", skill=Skill.HEALTH)
    return made


def tick(browser, lunch, name="王秀英", *, run=None, **form):
    run, stop = run or lunch.out, lunch.stops[name]
    headers = form.pop("headers", JSON)
    form = {"outcome": "done", "key": str(uuid.uuid4())} | form
    return browser.post(f"/courier/runs/{run.id}/stops/{stop.id}", form, headers=headers)


def fresh(lunch, row):
    lunch.session.expire_all()
    return lunch.session.get_one(type(row), row.id)


def test_a_courier_begins_at_their_runs_and_sees_nothing_else(console, lunch) -> None:
    browser = console.as_(lunch.zhao)
    assert browser.get("/").location.endswith("/admin/courier")
    page = browser.get("/courier")
    assert "翠园小区 3号楼" in text_of(page)
    assert "要有健康证" in text_of(page)
    for path in (
        "/people",
        "/kitchen",
        "/couriers",
        f"/couriers/photos/{lunch.out.id}",
        "/canteens",
    ):
        assert browser.get(path).status_code == 403, path
    assert console.as_(lunch.staff(Role.COOK)).get("/courier").status_code == 403


def test_from_claiming_to_coming_back(console, lunch) -> None:
    lunch.make.add(CourierSkill(staff_id=lunch.zhao.id, skill="health", valid_until=clock.today()))
    lunch.session.commit()
    browser, at = console.as_(lunch.zhao), f"/courier/runs/{lunch.free.id}"
    assert browser.post(f"{at}/claim").location.endswith(at)
    other = console.as_(lunch.staff(name="钱大姐"))
    taken = other.post(f"{at}/claim")
    assert taken.status_code == 409
    assert "已经有人领了" in text_of(taken)
    assert other.get(at).status_code == 404
    assert other.post(f"{at}/leave", {"boxes": "1"}).status_code == 404
    assert browser.post(f"{at}/leave", {"boxes": "-1"}).status_code == 422
    assert browser.post(f"{at}/leave", {"boxes": "2"}).status_code == 302
    assert browser.post(f"{at}/give-back").status_code == 409
    assert browser.post(f"{at}/back", {"boxes": "2"}).status_code == 302
    assert fresh(lunch, lunch.free).boxes_in == 2
    refused = browser.post(f"/courier/runs/{lunch.out.id}/back", {"boxes": "2"})
    assert (refused.status_code, "还有 2 份没有登记" in text_of(refused)) == (409, True)


def test_a_tick_by_a_page_without_scripts(console, lunch) -> None:
    browser = console.as_(lunch.zhao)
    page = browser.get(f"/courier/runs/{lunch.out.id}")
    assert "王*英" in page.text
    assert "王秀英" not in page.text
    stop = lunch.stops["王秀英"]
    assert re.search(rf'action="/admin/courier/runs/{lunch.out.id}/stops/{stop.id}"', page.text)
    wrong = tick(browser, lunch, code="000000", headers={})
    assert (wrong.status_code, "取餐码不对" in text_of(wrong)) == (422, True)
    done = tick(browser, lunch, code=lunch.bookings["王秀英"].short_code, headers={})
    assert done.location.endswith(f"#stop-{stop.id}")
    assert "送到" in text_of(browser.get(f"/courier/runs/{lunch.out.id}"))


def test_a_tick_by_a_phone_is_told_how_the_stop_stands(console, lunch, now) -> None:
    browser = console.as_(lunch.zhao)
    told = browser.get("/courier.json").json
    assert [one["id"] for one in told["runs"]] == [lunch.out.id]
    assert (told["me"]["id"], bool(told["csrf"])) == (lunch.zhao.id, True)
    form = {
        "code": lunch.bookings["王秀英"].short_code, "key": str(uuid.uuid4()),
        "at": "2031-01-01T10:00:00Z", "device_now": "2031-01-01T10:07:00Z",
    }  # fmt: skip
    for _sent in range(2):
        answer = tick(browser, lunch, **form)
        assert answer.json["stop"]["at"] == clock.rfc3339(now - timedelta(minutes=7))
        assert (answer.json["stop"]["state"], answer.json["sentence"]) == ("done", None)
    again = tick(browser, lunch, code=form["code"])
    assert (again.status_code, again.json["errcode"]) == (409, 409388)
    assert (
        tick(console.as_(lunch.staff(name="钱大姐")), lunch, "李国强", code="1").status_code == 404
    )
    assert tick(browser, lunch, "李国强", key="7").status_code == 422
    assert tick(browser, lunch, "李国强", outcome="eaten").status_code == 422
    assert (
        tick(browser, lunch, "李国强", outcome="failed", reason="no_answer").json["stop"]["reason"]
        == "no_answer"
    )
    assert fresh(lunch, lunch.stops["李国强"]).state == "failed"


def posted(photo: bytes, **fields: str) -> dict[str, object]:
    """A form with a photo, as bytes: a body this large is no file of the client's."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]  # fmt: skip
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n'
    body = b"".join([*parts, head, photo, b"\r\n--b--\r\n"])
    return {"form": body, "content_type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("packed", "status"),
    [(a_photo(2400, 1800), 200), (b"\x00" * 40_000, 422), (b"\xff\xd8" + bytes(30_000_000), 413)],
    ids=["photo", "not a photo", "30 MB"],
)
def test_photos(console, lunch, packed, status) -> None:
    browser, stop = console.as_(lunch.zhao), lunch.stops["王秀英"]
    form = posted(packed, outcome="done", key=str(uuid.uuid4()), received_by="女儿")
    at = f"/courier/runs/{lunch.out.id}/stops/{stop.id}"
    assert browser.post(at, headers=JSON, **form).status_code == status
    kept = lunch.session.scalars(select(DeliveryPhoto.stop_id)).all()
    assert kept == ([stop.id] if status == 200 else [])
    assert len(lunch.session.scalars(select(MealServed.id)).all()) == len(kept)
    boss = console.as_(lunch.staff(Role.DISPATCHER, "孙调度"))
    seen = boss.get(f"/couriers/photos/{stop.id}")
    assert seen.status_code == (200 if status == 200 else 404)
    if status == 200:
        assert (seen.mimetype, seen.headers["Cache-Control"]) == ("image/jpeg", "no-store")


def test_other_pages_take_no_more_than_before(console, lunch) -> None:
    browser = console.as_(lunch.zhao)
    form = posted(bytes(2_000_000), boxes="1")
    assert browser.post(f"/courier/runs/{lunch.out.id}/back", **form).status_code == 413


def test_dispatchers_keep_certificates(console, lunch) -> None:
    boss = console.as_(lunch.staff(Role.DISPATCHER, "孙调度"))
    assert "没有健康证" in text_of(boss.get("/couriers"))
    at = f"/couriers/{lunch.zhao.id}/skills"
    assert boss.post(at, {"skill": "health", "valid_until": "2026-12-31"}).status_code == 302
    assert lunch.session.scalar(select(CourierSkill.valid_until)).isoformat() == "2026-12-31"
    assert boss.post(at, {"skill": "flying", "valid_until": "2026-12-31"}).status_code == 422
    assert boss.post("/couriers/999999/skills", {"skill": "health"}).status_code == 404
    assert boss.post(at, {"skill": "health"}).status_code == 302
    assert lunch.session.scalars(select(CourierSkill.valid_until)).all() == [None]
    assert boss.post(at, {"skill": "health", "gone": "true"}).status_code == 302
    assert lunch.session.scalar(select(CourierSkill.id)) is None
    assert "赵师傅" in text_of(boss.get("/couriers"))
    assert console.as_(lunch.zhao).post(at, {"skill": "health"}).status_code == 403


def test_the_phone_keeps_pages_that_name_nobody(console, lunch) -> None:
    worker = console.get("/courier-worker.js").text
    keeps = worker.split("const KEEPS = [")[1].split("]")[0].replace('"', "").split(", ")
    assert any("courier/kept" in one for one in keeps)
    for address in keeps:
        kept = console.get(address.removeprefix("/admin"))
        assert kept.status_code == 200, address
        kept.close()
    assert "今天要送的" in text_of(console.get("/courier/kept"))
