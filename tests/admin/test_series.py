"""Recurring reservations in the console: made for somebody, looked at, moved, given back."""

from datetime import date

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.reminders.models import Reminder
from backend.staff.models import AuditEntry
from backend.venues.models import Reservation
from backend.venues.series.models import SeriesDate
from tests.console import Console, text_of


@pytest.fixture
def room(make, cast):
    """Reserved once at a time by residents; closed on the second of the Fridays."""
    found = make.open_room(cast.here, name="小会议室", capacity=10)
    make.rules(found, series_dates=0, series_days=100)
    make.closure(cast.here, starts_on=date(2026, 3, 20), ends_on=date(2026, 3, 20))
    return found


@pytest.fixture
def wang(console: Console, cast) -> Console:
    return console.as_(cast.wang)


@pytest.fixture
def resident(make, cast):
    return make.resident("赵玉梅", home_place_id=cast.here.id).person


def asked(resident, **more):
    first = {"day": "2026-03-13", "start": "14:00", "end": "16:00", "times": "3"}
    return first | {"person_id": str(resident.id)} | more


def states() -> list[str | None]:
    return list(
        db.session.scalars(
            select(Booking.state)
            .select_from(SeriesDate)
            .outerjoin(Booking, Booking.id == SeriesDate.booking_id)
            .order_by(SeriesDate.starts_at)
        )
    )


def test_look_book_give_back_and_put_back(wang, room, resident) -> None:
    path = f"/venues/rooms/{room.id}/series"
    once = wang.get(f"/venues/rooms/{room.id}/book", query_string=asked(resident)).text
    assert f"/admin{path}" in once
    page = text_of(wang.get(path, query_string=asked(resident)))
    assert "2 次可以约，共 3 次" in page
    assert "这个时间不开放：装修。" in page

    said = asked(resident, title="舞蹈队排练", headcount="8")
    made = wang.post(path, said)
    assert made.status_code == 302
    assert states() == ["confirmed", None, "confirmed"]
    one = made.location.removeprefix("/admin")
    page = text_of(wang.get(one))
    for words in ("舞蹈队排练", "赵玉梅", "还有 2 次", "没约上", "这个时间不开放：装修。"):
        assert words in page, words

    first, skipped, last = db.session.scalars(
        select(SeriesDate.id).order_by(SeriesDate.starts_at)
    ).all()
    refused = wang.post(f"{one}/dates/{skipped}/put-back", {})
    assert refused.status_code == 409
    assert "这个时间不开放" in text_of(refused)
    exception = {"reason": "借用临时钥匙"}
    assert wang.post(f"{one}/dates/{skipped}/put-back", exception).status_code == 302
    assert states() == ["confirmed"] * 3
    reservation = db.session.get_one(SeriesDate, first).booking_id
    assert f"/admin{one}" in wang.get(f"/venues/reservations/{reservation}").text

    assert wang.post(f"{one}/cancel", {"from_id": str(last)}).status_code == 422  # without a reason
    gone = wang.post(f"{one}/cancel", {"from_id": str(skipped), "reason": "空调检修"})
    assert gone.status_code == 302
    assert states() == ["confirmed", "cancelled", "cancelled"]
    assert wang.post(f"{one}/cancel", {"from_id": str(last), "reason": "x"}).status_code == 409
    kinds = db.session.scalars(select(Reminder.kind).order_by(Reminder.id)).all()
    assert kinds == ["booked", "booked", "cancelled"]  # the series, the date put back, what ended
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["series.book", "series.put_back", "series.cancel"]
    assert db.session.scalar(select(AuditEntry.subject_kind).limit(1)) == "series"


def starts() -> list[str]:
    found = db.session.scalars(select(Booking.starts_at).order_by(Booking.starts_at))
    return [f"{clock.local(one):%m-%d %H:%M}" for one in found]


def test_move_from_a_date_on_or_all(wang, room, resident) -> None:
    path = f"/venues/rooms/{room.id}/series"
    made = wang.post(path, asked(resident, title="舞蹈队排练", headcount="8", times="4"))
    one = made.location.removeprefix("/admin")
    assert starts() == ["03-13 14:00", "03-27 14:00", "04-03 14:00"]
    ids = db.session.scalars(
        select(SeriesDate.id).where(SeriesDate.booking_id.is_not(None)).order_by(SeriesDate.id)
    ).all()
    there = f"{one}/dates/{ids[1]}/move"
    assert f"/admin{there}" in wang.get(one).text
    page = wang.get(there)
    assert 'value="2026-03-27"' in page.text
    assert "次可以改" not in page.text

    to = {"day": "2026-03-28", "start": "09:00", "end": "10:30", "everything": "0"}
    page = text_of(wang.get(there, query_string=to))
    assert "2 次可以改，共 2 次" in page
    assert starts() == ["03-13 14:00", "03-27 14:00", "04-03 14:00"]  # only looked at
    done = text_of(wang.post(there, to, follow_redirects=True))
    assert "已改 2 次的时间，已通知居民。" in done
    assert starts() == ["03-13 14:00", "03-28 09:00", "04-04 09:00"]

    # all of it a week on from the first: that one would be on the day that is closed
    there = f"{one}/dates/{ids[0]}/move"
    to = {"day": "2026-03-20", "start": "14:00", "end": "16:00", "everything": "1"}
    page = text_of(wang.get(there, query_string=to))
    assert "2 次可以改，共 3 次" in page
    assert "这个时间不开放：装修。" in page
    assert "已改 2 次" in text_of(wang.post(there, to, follow_redirects=True))
    assert starts() == ["03-13 14:00", "04-04 09:00", "04-11 09:00"]

    changed = db.session.scalars(select(Reminder).where(Reminder.kind == "changed")).all()
    assert [one.facts["dates"] for one in changed] == [2, 2]
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[1:]
    assert [(one.action, one.after["moved"]) for one in entries] == [("series.move", 2)] * 2


def test_move_with_an_exception(wang, room, resident) -> None:
    """Too early in the morning for two of them; the third would be where a lesson is."""
    path = f"/venues/rooms/{room.id}/series"
    made = wang.post(path, asked(resident, title="舞蹈队排练", headcount="8", times="4"))
    one = made.location.removeprefix("/admin")
    there = f"{one}/dates/{db.session.scalars(select(func.min(SeriesDate.id))).one()}/move"
    taken = {"day": "2026-04-03", "start": "07:30", "end": "08:30", "person_id": str(resident.id),
             "title": "晨练", "headcount": "3", "reason": "志愿者值班"}  # fmt: skip
    assert wang.post(f"/venues/rooms/{room.id}/book", taken).status_code == 302
    to = {"day": "2026-03-13", "start": "07:00", "end": "09:00", "everything": "0"}
    page = text_of(wang.get(there, query_string=to))
    assert "0 次可以改，共 3 次" in page
    assert page.count("破例才能改") == 2
    assert page.count("改不了") == 2  # the third, and the sentence that it stays
    assert wang.post(there, to).status_code == 409
    done = wang.post(there, to | {"reason": "社区晨会借用"}, follow_redirects=True)
    assert "已改 2 次的时间，已通知居民。" in text_of(done)
    assert starts() == ["03-13 07:00", "03-27 07:00", "04-03 07:30", "04-03 14:00"]
    reasons = db.session.scalars(
        select(BookingEvent.reason).order_by(BookingEvent.id.desc()).limit(2)
    )
    assert set(reasons) == {"社区晨会借用"}
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.after["reason"]) == ("series.move", "社区晨会借用")


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ({"day": "2026-03-20"}, 409),  # closed, and no other date to go
        ({"start": "23:30", "end": "23:45"}, 409),
        ({"start": "16:00", "end": "15:00"}, 409),
        ({"day": "morgen"}, 422),
        ({"everything": "vielleicht"}, 422),
    ],
)
def test_moves_without_sense(wang, room, resident, to, status) -> None:
    path = f"/venues/rooms/{room.id}/series"
    said = asked(resident, title="舞蹈队", headcount="8", times="1")
    one = wang.post(path, said).location.removeprefix("/admin")
    there = f"{one}/dates/{db.session.scalars(select(SeriesDate.id)).one()}/move"
    given = {"day": "2026-03-13", "start": "14:00", "end": "16:00", "everything": "0"} | to
    assert wang.post(there, given).status_code == status
    assert starts() == ["03-13 14:00"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"times": "500"}, 422),
        ({"times": "0"}, 422),
        ({"weekdays": "9"}, 422),
        ({"start": "16:00", "end": "15:00"}, 409),
        ({"person_id": "987654"}, 404),
    ],
)
def test_series_without_sense(wang, room, resident, more, status) -> None:
    path = f"/venues/rooms/{room.id}/series"
    assert wang.get(path, query_string=asked(resident, **more)).status_code == status
    assert states() == []


def test_others_rooms_are_not_found(console, cast, wang, room, resident) -> None:
    path = f"/venues/rooms/{room.id}/series"
    said = asked(resident, title="舞蹈队", headcount="8")
    one = wang.post(path, said).location.removeprefix("/admin")
    lin, chen = console.as_(cast.lin), console.as_(cast.chen)
    for there in (one, path):
        assert lin.get(there, query_string=said).status_code == 404, there
        assert chen.get(there, query_string=said).status_code == 403, there
    for there, sent in [(path, said), (f"{one}/cancel", {"reason": "x"})]:
        assert lin.post(there, sent).status_code == 404, there
        assert chen.post(there, sent).status_code == 403, there
    date_id = db.session.scalars(select(SeriesDate.id)).first()
    assert lin.post(f"{one}/dates/{date_id}/put-back", {}).status_code == 404
    there = f"{one}/dates/{date_id}/move"
    to = {"day": "2026-03-13", "start": "09:00", "end": "10:00"}
    for who, status in ((lin, 404), (chen, 403)):
        assert who.get(there).status_code == status
        assert who.post(there, to).status_code == status
    for strange in (f"{one}/dates/987654/move", "/venues/series/987654"):
        assert wang.get(strange).status_code == 404, strange
    assert wang.post(f"{one}/dates/987654/move", to).status_code == 404


def test_for_a_group(wang, room, resident, make) -> None:
    group = make.group(resident, name="晚霞舞蹈队")
    path = f"/venues/rooms/{room.id}/series"
    said = asked(resident, group_id=str(group.id))
    once = wang.get(f"/venues/rooms/{room.id}/book", query_string=said).text
    assert f"/admin{path}" in once
    assert f"group_id={group.id}" in once
    page = wang.get(path, query_string=said)
    assert "晚霞舞蹈队 · 赵玉梅" in text_of(page)
    assert page.text.count(f'name="group_id" value="{group.id}"') == 2  # look again, and reserve
    made = wang.post(path, said | {"title": "舞蹈队排练", "headcount": "8"})
    assert "晚霞舞蹈队 · 赵玉梅" in text_of(wang.get(made.location.removeprefix("/admin")))
    assert db.session.scalars(select(Reservation.group_id)).all() == [group.id] * 2
    assert db.session.scalars(select(AuditEntry)).one().after["group_id"] == group.id
    other = make.group(make.resident("孙玉珍").person, name="棋社")
    refused = wang.post(path, said | {"group_id": str(other.id), "title": "棋", "headcount": "2"})
    assert refused.status_code == 404
