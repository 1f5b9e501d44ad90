"""Groups in the console: registering, members, booking for one at the desk, ending."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.staff.models import AuditEntry
from backend.venues import service
from backend.venues.groups.models import Group, GroupMember
from backend.venues.models import Reservation
from backend.venues.service import Wanted
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def hall(make: Make):
    place = make.once("community", make.place)
    hall = make.open_room(place, name="舞蹈室", capacity=30)
    make.rules(place, audience="groups", group_live=1)
    return hall


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


def live(group_id: int) -> list[tuple[int, bool]]:
    rows = db.session.execute(
        select(GroupMember.person_id, GroupMember.leads)
        .where(GroupMember.group_id == group_id, GroupMember.removed_at.is_(None))
        .order_by(GroupMember.id)
    )
    return [(row.person_id, row.leads) for row in rows]


def test_a_group_is_registered_and_corrected(worker: Console, make: Make) -> None:
    place = make.once("community", make.place)
    zhou = make.person("周桂兰", home_place_id=place.id)
    assert "还没有登记的团队" in text_of(worker.get("/venues/groups"))
    assert "周桂兰" in text_of(worker.get("/venues/groups/new?q=周桂兰"))
    path = f"/venues/groups/new?person_id={zhou.id}"
    assert "负责人：周桂兰" in text_of(worker.get(path))
    form = {"person_id": zhou.id, "place_id": place.id, "name": "晚霞舞蹈队"}
    again = worker.post("/venues/groups", form | {"name": ""})
    assert "请填写" in text_of(again)
    assert "负责人：周桂兰" in text_of(again)  # the step is kept
    assert worker.post("/venues/groups", form).status_code == 302
    group = db.session.scalars(select(Group)).one()
    assert live(group.id) == [(zhou.id, True)]
    assert "已经登记了同名的团队" in text_of(worker.post("/venues/groups", form))
    edit = f"/venues/groups/{group.id}/edit"
    changed = form | {"valid_until": "2026-12-31", "about": "广场舞"}
    assert worker.post(edit, changed).status_code == 302
    page = text_of(worker.get(f"/venues/groups/{group.id}"))
    assert "登记到 2026-12-31" in page
    assert "广场舞" in page
    assert "晚霞舞蹈队" in text_of(worker.get("/venues/groups?q=晚霞"))
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["group.register", "group.change"]


def test_members_come_lead_and_go(worker: Console, make: Make) -> None:
    zhou, li = make.person("周桂兰"), make.person("李建国")
    group = make.group(zhou)
    path = f"/venues/groups/{group.id}"
    assert "李建国" in text_of(worker.get(path + "?q=李建国"))
    assert worker.post(path + "/members", {"person_id": li.id}).status_code == 302
    assert live(group.id) == [(zhou.id, True), (li.id, False)]
    assert "请先请社区登记另一位负责人" in text_of(
        worker.post(f"{path}/members/{zhou.id}/remove")
    )  # fmt: skip
    worker.post(path + "/members", {"person_id": li.id, "leads": "true"})
    assert worker.post(f"{path}/members/{zhou.id}/remove").status_code == 302
    assert live(group.id) == [(li.id, True)]
    assert worker.post(path + "/members", {"person_id": 99999}).status_code == 404


def test_booking_for_a_group_and_ending_it(worker: Console, make: Make, hall) -> None:
    zhou = make.person("周桂兰")
    group = make.group(zhou, name="晚霞舞蹈队")
    day = clock.today(make.now) + timedelta(days=2)
    when = {"day": day.isoformat(), "start": "14:00", "end": "16:00", "person_id": zhou.id}
    path = f"/venues/rooms/{hall.id}/book"
    alone = text_of(worker.get(path, query_string=when))
    assert "只给登记的团队使用" in alone
    assert "晚霞舞蹈队" in alone
    assert "这个时间可以预约。" in text_of(
        worker.get(path, query_string=when | {"group_id": group.id})
    )  # fmt: skip
    form = when | {"group_id": group.id, "title": "排练", "headcount": 20}
    assert worker.post(path, form).status_code == 302
    booking_id = db.session.scalars(
        select(Reservation.booking_id).where(Reservation.group_id == group.id)
    ).one()
    for page in (
        f"/venues/reservations/{booking_id}", f"/venues/groups/{group.id}",
        f"/venues/{hall.venue_id}?day={day}", f"/venues/{hall.venue_id}/sheet?day={day}",
    ):  # fmt: skip
        assert "晚霞舞蹈队" in text_of(worker.get(page)), page
    move = {"day": day.isoformat(), "start": "16:00", "end": "18:00", "room_id": hall.id}
    page = worker.get(f"/venues/reservations/{booking_id}/move", query_string=move)
    assert "这个时间可以预约。" in text_of(page)  # its own is not in its way
    end = f"/venues/groups/{group.id}/end"
    assert "还没开始的 1 个预约会一起取消" in text_of(worker.get(end))
    assert worker.post(end, {"reason": "团队已经解散"}).status_code == 302
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    assert booking.state == "cancelled"
    assert "已注销：团队已经解散" in text_of(worker.get(f"/venues/groups/{group.id}"))


@pytest.fixture
def rehearsal(make: Make, hall) -> SimpleNamespace:
    """Zhou reserves the hall for the team, the day after tomorrow from two to four."""
    zhou = make.resident("周桂兰", home_place_id=hall.place_id)
    group = make.group(zhou.person, name="晚霞舞蹈队")
    start = make.now.replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=2)
    wanted = Wanted(
        room_id=hall.id, person_id=zhou.person.id, group_id=group.id, starts_at=start,
        ends_at=start + timedelta(hours=2), title="周桂兰的生日会", headcount=20,
    )  # fmt: skip

    def reserve() -> int:
        booked = service.reserve(db.session(), zhou.me, wanted, make.now)
        db.session.commit()
        return booked.booking_id

    return SimpleNamespace(start=start, group=group, reserve=reserve)


def test_the_screen_at_the_door_names_the_group(
    console: Console, make: Make, hall, rehearsal
) -> None:
    rules = make.rules(hall, door_titles=True)
    booked = db.session.get_one(Reservation, rehearsal.reserve())
    shown = [
        (False, "重阳排练", "晚霞舞蹈队"),
        (True, "重阳排练", "晚霞舞蹈队 · 重阳排练"),
        (True, "周桂兰的生日会", "晚霞舞蹈队"),  # passers-by read nobody's name
        (True, "晚霞舞蹈队排练", "晚霞舞蹈队排练"),
    ]
    with clock.frozen(rehearsal.start):
        worker = console.as_(make.staff("worker"))
        for rules.door_titles, booked.title, said in shown:
            db.session.commit()
            page = worker.get(f"/venues/rooms/{hall.id}/screen")
            assert f"请签到 {said} 到 16:00" in text_of(page)
            assert "周桂兰" not in page.text


def test_a_groups_request_is_approved(worker: Console, make: Make, hall, rehearsal) -> None:
    make.rules(hall, approval=True)
    ident = rehearsal.reserve()
    path = f"/venues/requests/{ident}"
    for page in ("/venues/requests", path):
        assert "晚霞舞蹈队" in text_of(worker.get(page)), page
    done = text_of(worker.post(f"{path}/approve", {}, follow_redirects=True))
    assert "已通过，并通知了居民。" in done
    booking = db.session.get_one(Booking, ident, populate_existing=True)
    assert booking.state == "confirmed"
    assert "周桂兰的生日会" in text_of(worker.get(f"/venues/groups/{rehearsal.group.id}"))


def test_groups_of_other_places_are_not_found(console: Console, make: Make) -> None:
    group = make.group(make.person())
    stranger = console.as_(make.staff("worker", make.place()))
    path = f"/venues/groups/{group.id}"
    for page in (path, path + "/edit", path + "/end"):
        assert stranger.get(page).status_code == 404, page
    assert stranger.post(path + "/end", {"reason": "解散"}).status_code == 404
    assert "还没有登记的团队" in text_of(stranger.get("/venues/groups"))
