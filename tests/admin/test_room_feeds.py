"""Calendars of venues and rooms behind links: what they show to whom, and how they end."""

from datetime import datetime

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.places.models import Atom
from backend.staff.models import AuditEntry, Staff
from backend.venues import service
from backend.venues.feeds.models import RoomFeed
from backend.venues.service import Wanted
from tests.console import Console, text_of
from tests.factories import Make


def at(hour: int):
    return datetime(2026, 3, 13, hour, tzinfo=clock.LOCAL)


@pytest.fixture
def halves(make: Make, cast, now):
    """A hall of two halves, one of them reserved from two to four."""
    left, right = (make.add(Atom(place_id=cast.here.id, name=name)) for name in ("东", "西"))
    hall = make.open_room(cast.here, [left, right], name="多功能厅", capacity=80)
    half = make.open_room(cast.here, [left], name="东半厅", capacity=40)
    make.rules(cast.here)
    who = make.resident("王秀英", phone="13812345678", home_place_id=cast.here.id)
    wanted = Wanted(
        room_id=half.id, person_id=who.person.id, starts_at=at(14), ends_at=at(16),
        title="合唱排练", headcount=20, wishes="一支话筒",
    )  # fmt: skip
    service.reserve(db.session(), who.me, wanted, now)
    db.session.commit()
    return hall, half


@pytest.fixture
def wang(console: Console, cast, halves) -> Console:
    return console.as_(cast.wang)


def link(wang: Console, venue_id: int, **form) -> str:
    """A new link's address below /admin."""
    page = f"/venues/{venue_id}/feeds"
    answer = wang.post(page, {"name": "赵师傅", "shows": "names", "room_id": ""} | form)
    assert answer.status_code == 302
    found = wang.get(page).text.split('readonly value="')[1].split('"')[0]
    return found.partition("/admin")[2]


def events(console: Console, address: str) -> list[tuple[str, str]]:
    """Summary and place of each entry, read by somebody who is not signed in."""
    answer = Console(console.app).get(address)
    assert answer.mimetype == "text/calendar"
    return [
        (str(one["summary"]), str(one["location"]))
        for one in Calendar.from_ical(answer.data).walk("VEVENT")
    ]


def test_with_names_for_the_doorkeeper(console, wang, halves) -> None:
    hall, _half = halves
    address = link(wang, hall.venue_id)
    assert [summary for summary, _where in events(console, address)] == ["合唱排练 王秀英"]
    (said,) = Calendar.from_ical(Console(console.app).get(address).data).walk("VEVENT")
    assert (said["dtstart"].dt, said["dtend"].dt) == (at(14), at(16))
    assert "20 人" in said["description"]
    assert "一支话筒" in said["description"]
    assert "5678" not in Console(console.app).get(address).text
    of_hall = link(wang, hall.venue_id, room_id=str(hall.id))
    assert "占用：东半厅" in Console(console.app).get(of_hall).text
    assert events(console, of_hall)[0][1].endswith("多功能厅")


def test_for_all_only_that_it_is_taken(console, wang, halves) -> None:
    hall, _half = halves
    address = link(wang, hall.venue_id, shows="busy")
    assert [summary for summary, _where in events(console, address)] == ["已占用", "已占用"]
    text = Console(console.app).get(address).text
    assert "合唱" not in text
    assert "王秀英" not in text


def test_unchanged_it_says_so(console, wang, halves) -> None:
    address = link(wang, halves[0].venue_id)
    etag = Console(console.app).get(address).headers["ETag"]
    again = Console(console.app).get(address, headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_taken_back_it_opens_nothing(console, wang, halves) -> None:
    venue_id = halves[0].venue_id
    address = link(wang, venue_id)
    feed_id = db.session.scalar(select(RoomFeed.id))
    for _again in range(2):
        assert wang.post(f"/venues/{venue_id}/feeds/{feed_id}/revoke").status_code == 302
    assert Console(console.app).get(address).status_code == 404
    assert "赵师傅" not in text_of(wang.get(f"/venues/{venue_id}/feeds"))
    assert list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))) == [
        "room_feed.create", "room_feed.revoke",
    ]  # fmt: skip


def test_names_end_with_their_maker_and_busy_goes_on(console, wang, cast, halves, now) -> None:
    venue_id = halves[0].venue_id
    named = link(wang, venue_id)
    busy = link(wang, venue_id, shows="busy")
    db.session.get_one(Staff, cast.wang.id).left_at = now
    db.session.commit()
    assert Console(console.app).get(named).status_code == 404
    assert len(events(console, busy)) == 2


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"shows": "all"}, {"room_id": "x"}, {"room_id": "999"}, {"name": "很" * 41}],
)
def test_bad_forms(wang, halves, form) -> None:
    answer = wang.post(
        f"/venues/{halves[0].venue_id}/feeds",
        {"name": "门卫", "shows": "names", "room_id": ""} | form,
    )
    assert answer.status_code == 422
    assert db.session.scalar(select(RoomFeed.id)) is None


def test_others_and_forged(console, wang, make, halves) -> None:
    far = make.open_room(make.place(parent=make.place()), name="远处")
    assert wang.get(f"/venues/{far.venue_id}/feeds").status_code == 404
    form = {"name": "门卫", "shows": "names"}
    assert wang.post(f"/venues/{far.venue_id}/feeds", form).status_code == 404
    assert wang.post(f"/venues/{halves[0].venue_id}/feeds/99/revoke").status_code == 404
    for key in ("MQ.x", "1", "x" * 300):
        assert Console(console.app).get(f"/venues/feed/{key}.ics").status_code == 404
