"""Refused tries: what leaves a row, that it costs nobody anything, and who never gets in."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from backend import clearing
from backend.commands.check import audit
from backend.db import db
from backend.people import own_data
from backend.people.deleting import delete_account
from backend.people.merging import merge
from backend.venues import errors, service
from backend.venues.blocks import service as blocks
from backend.venues.statistics import turned_away
from backend.venues.tries import RefusedTry
from tests.venues.conftest import at

DAY = timedelta(days=1)


@pytest.fixture
def want(house, now, session):
    """Try to reserve; what was refused is noted as the door does it once the answer is out."""

    def want(who, start, hours=1, **more) -> str | None:
        wanted = house.wanted(more.pop("room", house.left), who, start, hours, **more)
        try:
            service.reserve(session, who.me, wanted, now)
        except errors.ReservationRefused as refusal:
            if refusal.after is not None:
                refusal.after()
            return type(refusal).__name__
        return None

    return want


def noted() -> list[tuple]:
    rows = db.session.execute(
        select(RefusedTry.person_id, RefusedTry.room_id, RefusedTry.day, RefusedTry.why)
    )
    return sorted(tuple(row) for row in rows)


@pytest.mark.parametrize(
    ("rules", "start", "hours", "refusal", "why"),
    [
        ({}, at(2, 10), 1, "InUse", "taken"),
        ({"buffer_before": 60}, at(2, 12, 30), 1, "TooClose", "taken"),
        ({"person_live": 1}, at(2, 15), 1, "EnoughReserved", "quota"),
        ({"horizon_days": 3}, at(6, 10), 1, "TooFarAhead", "time"),
        ({"lead_minutes": 600}, at(0, 20), 1, "TooSoon", "time"),
        ({"audience": "staff"}, at(2, 15), 1, "StaffOnly", "audience"),
        ({"audience": "groups"}, at(2, 15), 1, "GroupsOnly", "audience"),
        ({}, at(2, 22), 1, "RoomClosed", "closed"),
        # what is mended on the form leaves nothing
        ({}, at(2, 15), 0, "EndsBeforeStart", None),
        ({}, at(2, 15, 7), 1, "OffGrid", None),
        ({"min_minutes": 90}, at(2, 15), 1, "TooShort", None),
        ({}, at(-1, 15), 1, "Past", None),
    ],
)
def test_what_leaves_a_row(
    house, neighbour, make, want, session, rules, start, hours, refusal, why
) -> None:
    me, other = neighbour("钱二"), neighbour("赵一")
    assert want(other, at(2, 10), 2) is None
    assert want(me, at(1, 10)) is None
    make.rules(house.left, **rules)
    assert want(me, start, hours) == refusal
    day = start.date()
    assert noted() == ([(me.person.id, house.left.id, day, why)] if why else [])
    assert want(me, start, hours) == refusal  # once a day and reason
    assert len(noted()) == bool(why)


def test_a_room_out_of_use_is_closed(house, neighbour, worker, want, now, session) -> None:
    asked = blocks.Wanted(
        venue_id=house.left.venue_id, room_ids=(house.left.id,), starts_at=at(2, 9),
        ends_at=at(2, 12), reason="设备检修",
    )  # fmt: skip
    blocks.make(session, worker, asked, (), now)
    assert want(neighbour(), at(2, 10)) == "InUse"
    assert [row[3] for row in noted()] == ["closed"]


def test_who_never_gets_in(house, neighbour, want, session) -> None:
    lucky, unlucky, once = neighbour("赵一"), neighbour("钱二"), neighbour("孙三")
    assert want(lucky, at(2, 10), 2) is None
    for who, start in ((unlucky, at(2, 10)), (unlucky, at(9, 22)), (once, at(2, 11)),
                       (lucky, at(3, 22))):  # fmt: skip
        assert want(who, start)
    found = turned_away.read(session, [house.left.id], at(0, 0), at(12, 0), at(12, 0))
    assert found.people == 2
    assert [(one["name"], one["times"], one["reasons"]) for one in found.named] == [
        ("钱二", 2, ["不开放或者停用", "房间有人用了"]), ("孙三", 1, ["房间有人用了"]),
    ]  # fmt: skip
    assert found.reasons == [("房间有人用了", 2, 2), ("不开放或者停用", 1, 1)]
    before = turned_away.read(session, [house.left.id], at(0, 0), at(4, 0), at(12, 0))
    assert [one["times"] for one in before.named] == [1, 1]
    quiet = turned_away.read(session, [house.left.id], at(0, 0), at(12, 0), at(12, 0), names=False)
    assert (quiet.people, quiet.named) == (2, [])


def test_swept_after_a_year(neighbour, want, now, session) -> None:
    want(neighbour(), at(2, 22))
    session.flush()
    clearing.clear_out(session, now + 364 * DAY)
    assert len(noted()) == 1
    clearing.clear_out(session, now + 366 * DAY)
    assert noted() == []


def test_merged_told_and_deleted(house, neighbour, want, now, session, make) -> None:
    one, other = neighbour("钱二"), neighbour("钱贰")
    for who, start in ((one, at(2, 22)), (other, at(2, 22)), (other, at(3, 22))):
        want(who, start)
    with force_locale("zh"):
        told = own_data.gather(session, other.me, now)
    [section] = [part for part in told["sections"] if part["title"] == "没约上的房间"]
    assert [list(row.values()) for row in section["rows"]] == [
        [f"东半厅 2026-03-{day}", "不开放或者停用"] for day in (14, 13)
    ]  # fmt: skip
    merge(session, other.person.id, one.person.id, now)
    assert [(row[0], row[2].day) for row in noted()] == [
        (one.person.id, 13), (one.person.id, 14),
    ]  # fmt: skip
    session.commit()
    assert not [found for found in audit(timedelta(hours=1)) if found.rows]
    delete_account(session, one.me, now)
    assert noted() == []


def test_the_answer_goes_out_first(api, house, neighbour) -> None:
    """The row is written as the response is closed; what fails then is no fault of the answer."""
    me = neighbour()
    body = {
        "person_id": me.person.id, "starts_at": at(2, 22).isoformat(),
        "ends_at": at(2, 23).isoformat(), "title": "排练", "headcount": 3,
    }  # fmt: skip
    refused = api.post(f"/venues/rooms/{house.left.id}/reservations", body, as_=me.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 409107)
    assert noted() == []
    refused.close()
    assert [row[3] for row in noted()] == ["closed"]
