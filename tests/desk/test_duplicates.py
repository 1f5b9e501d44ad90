"""Likely duplicates: found, compared, merged with an audit of both, or dismissed."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db
from backend.people.models import DuplicateDismissed
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.desk.test_people import enrol_at_desk
from tests.factories import Make, fresh

BORN = date(1951, 5, 1)
BOTH = {"birth_date": BORN, "phone": "13800000001"}


@pytest.fixture
def wang(app, cast: SimpleNamespace) -> Console:
    return Console(app).as_(cast.wang)


@pytest.fixture
def pair(make: Make, cast):
    """One entry by the desk, one by the app, of the same woman."""
    one = make.person("赵桂兰", birth_date=BORN, home_place_id=cast.estate.id, note="住三楼")
    other = make.resident("赵桂兰", birth_date=BORN, phone="13812345678")
    return one, other.person


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ({"phone": "13800000001"}, {"name": "别名", "phone": "13800000001"}, 1),
        ({"birth_date": BORN}, {"birth_date": BORN}, 1),
        (
            {"birth_date": BORN, "phone": "13800000001"},
            {"birth_date": BORN, "phone": "13800000001"},
            1,
        ),
        ({"birth_date": BORN}, {"birth_date": date(1951, 5, 2)}, 0),
        ({"birth_date": BORN}, {"name": "赵桂英", "birth_date": BORN}, 0),
        ({"birth_date": None}, {"birth_date": None}, 0),
        ({"phone": "13800000001"}, {"phone": "13800000002", "birth_date": BORN}, 0),
        ({"name": "", "birth_date": BORN}, {"name": "", "birth_date": BORN}, 0),
    ],
)
def test_what_counts_as_likely(wang, make: Make, first, second, pairs: int) -> None:
    for facts in (first, second):
        make.person(**{"name": "赵桂兰", "birth_date": date(1940, 1, 1)} | facts)
    assert wang.get("/duplicates").text.count('<li><a class="row-item"') == pairs


def test_only_pairs_within_reach_are_shown(wang: Console, cast, make: Make) -> None:
    here = make.person("赵桂兰", birth_date=BORN, home_place_id=cast.estate.id)
    there = make.person("赵桂兰", birth_date=BORN, home_place_id=cast.estate_there.id)
    assert "没有疑似重复" in text_of(wang.get("/duplicates"))
    assert wang.get(f"/duplicates/{here.id}/{there.id}").status_code == 404
    form = {"keep_id": here.id}
    for verb in ("merge", "dismiss"):
        assert wang.post(f"/duplicates/{here.id}/{there.id}/{verb}", form).status_code == 404
    assert fresh(there).merged_into_id is None


def test_they_are_listed_by_community(app, cast, make: Make) -> None:
    second = make.place(parent=cast.street, name="秋实社区")
    estate = make.place("estate", second)
    for name, home in (("赵桂兰", cast.estate), ("钱秀珍", estate)):
        make.person(name, birth_date=BORN, home_place_id=home.id)
        make.person(name, birth_date=BORN, home_place_id=home.id)
    zhou = Console(app).as_(cast.zhou)
    everything = text_of(zhou.get("/duplicates"))
    assert "赵桂兰" in everything
    assert "钱秀珍" in everything
    narrowed = text_of(zhou.get(f"/duplicates?place={second.id}"))
    assert "赵桂兰" not in narrowed
    assert "钱秀珍" in narrowed
    for odd in ("x", "99999", str(cast.there.id)):
        assert zhou.get(f"/duplicates?place={odd}").status_code == 200


def test_the_list_takes_the_same_reads_for_many(wang, make: Make, statements) -> None:
    def a_pair(name: str) -> None:
        make.person(name, birth_date=BORN)
        make.person(name, birth_date=BORN)

    a_pair("赵桂兰")
    statements.clear()
    wang.get("/duplicates")
    few = len(statements)
    for number in range(10):
        a_pair(f"钱{number}")
    statements.clear()
    wang.get("/duplicates")
    assert len(statements) == few


def test_they_are_compared_side_by_side(wang: Console, pair) -> None:
    one, other = pair
    response = wang.get(f"/duplicates/{one.id}/{other.id}")
    page = text_of(response)
    assert "138****5678" in page
    assert "13812345678" not in response.text
    assert "住三楼" in page
    assert f'value="{other.id}" checked' in response.text  # it has the account
    assert wang.get(f"/duplicates/{one.id}/{one.id}").status_code == 409


def test_they_become_one(wang: Console, cast, make: Make, pair) -> None:
    one, other = pair
    run = make.run()
    by_desk, by_app = enrol_at_desk(make, cast, run, one), enrol_at_desk(make, cast, run, other)
    form = {"keep_id": other.id}
    response = wang.post(f"/duplicates/{one.id}/{other.id}/merge", form)
    assert response.location == f"/admin/people/{other.id}"
    assert fresh(one).merged_into_id == other.id
    kept = fresh(other)
    assert (kept.home_place_id, kept.note) == (cast.estate.id, "住三楼")
    states = dict(tuple(row) for row in db.session.execute(select(Booking.id, Booking.state)))
    assert states == {by_desk: "confirmed", by_app: "cancelled"}
    assert fresh(run).taken == 1
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id, entry.after["from_id"]) == (
        "person.merge", other.id, one.id)  # fmt: skip
    assert entry.before["from"]["bookings"] == {str(by_desk): "confirmed"}
    assert entry.after["into"]["bookings"] == {str(by_desk): "confirmed", str(by_app): "cancelled"}
    assert "13812345678" not in str([entry.before, entry.after])
    assert "没有疑似重复" in text_of(wang.get("/duplicates"))
    assert wang.post(f"/duplicates/{one.id}/{other.id}/merge", form).status_code == 404


@pytest.mark.parametrize("keep", ["", "x", "stranger"])
def test_the_one_to_keep_is_one_of_the_two(wang, pair, make: Make, keep: str) -> None:
    one, other = pair
    keep = str(make.person("路人").id) if keep == "stranger" else keep
    response = wang.post(f"/duplicates/{one.id}/{other.id}/merge", {"keep_id": keep})
    assert response.status_code in (409, 422)
    assert fresh(one).merged_into_id is None
    assert fresh(other).merged_into_id is None


def test_they_are_two_people(wang: Console, cast, pair, make: Make) -> None:
    one, other = pair
    for _twice in range(2):
        assert wang.post(f"/duplicates/{other.id}/{one.id}/dismiss").status_code == 302
    row = db.session.scalars(select(DuplicateDismissed)).one()
    assert (row.low_id, row.high_id, row.staff_id) == (one.id, other.id, cast.wang.id)
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["person.not_same"]
    assert "没有疑似重复" in text_of(wang.get("/duplicates"))
