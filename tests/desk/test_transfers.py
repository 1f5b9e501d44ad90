"""Changing somebody's class at the desk: as on sign-up, with a reason against some rules."""

from types import SimpleNamespace

from sqlalchemy import select

from backend.db import db
from backend.staff.models import AuditEntry
from tests.booking import verbs
from tests.console import Console, text_of
from tests.factories import Make


def place(make: Make, cast: SimpleNamespace, run) -> tuple[int, int]:
    who = make.person("赵桂兰", home_place_id=cast.estate.id)
    return who.id, verbs.book(run.id, who.id, staff_id=cast.wang.id).booking_id


def test_the_desk_changes_a_class(app, cast: SimpleNamespace, make: Make) -> None:
    desk = Console(app).as_(cast.wang)
    left, other = make.run(), make.run()
    person, booking = place(make, cast, left)
    path = f"/people/{person}/bookings/{booking}/transfer"
    assert path in desk.get(f"/people/{person}").text
    page = desk.get(path)
    assert page.text.count('name="run_id"') == 1
    assert "换到这个班" in text_of(page)
    assert desk.post(path, {"run_id": other.id}).status_code == 302
    assert verbs.state(booking) == "cancelled"
    assert verbs.states(other.id) == ["confirmed"]
    assert verbs.told(booking) == ["booked", "cancelled"]
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.after["run_id"]) == ("booking.transfer", other.id)
    assert "换到另一个班" in text_of(desk.get(f"/people/{person}"))


def test_a_full_class_is_waited_for(app, cast: SimpleNamespace, make: Make) -> None:
    desk, left, other = Console(app).as_(cast.wang), make.run(), make.run(capacity=0)
    person, booking = place(make, cast, left)
    path = f"/people/{person}/bookings/{booking}/transfer"
    assert desk.post(path, {"run_id": other.id}).status_code == 409
    assert "候补这个班" in text_of(desk.get(path))
    assert desk.post(path, {"run_id": other.id, "wait": "true"}).status_code == 302
    assert [verbs.state(booking), *verbs.states(other.id)] == ["confirmed", "waiting"]


def test_rules_give_way_to_a_reason(app, cast: SimpleNamespace, make: Make) -> None:
    desk, left, other = Console(app).as_(cast.wang), make.run(), make.run(min_age=80)
    person, booking = place(make, cast, left)
    path = f"/people/{person}/bookings/{booking}/transfer"
    assert desk.post(path, {"run_id": other.id}).status_code == 409
    assert verbs.state(booking) == "confirmed"
    asked = {"run_id": other.id, "reason": "陪同老伴上课"}
    assert desk.post(path, asked).status_code == 302
    assert verbs.states(other.id) == ["confirmed"]


def test_who_goes_together_changes_together_or_alone(
    app, cast: SimpleNamespace, make: Make
) -> None:
    desk, left = Console(app).as_(cast.wang), make.run(price_fen=8000)
    make.run(price_fen=10000)
    account = make.resident("王秀英").account.id
    people = [make.person(name, home_place_id=cast.estate.id).id for name in ("赵桂兰", "李建国")]
    party = verbs.book_party(left.id, people, account_id=account)
    path = f"/people/{people[0]}/bookings/{party.members[0].booking_id}/transfer"
    mark = f"/classes/{left.id}/enrolments/{party.members[0].booking_id}/fee"
    assert desk.post(mark, {"state": "paid", "method": "cash"}).status_code == 302
    page = desk.get(path)
    for told in ("一起报名的 2 位：赵桂兰、李建国", "一起换班", "还差 20 元"):
        assert told in text_of(page)
    assert 'name="whole_party" value="true"' in page.text
    assert "请先和他们说好" in text_of(desk.get(f"{path}?alone=yes"))
    other = make.run()
    assert desk.post(path, {"run_id": other.id}).status_code == 409
    assert desk.post(path, {"run_id": other.id, "whole_party": "true"}).status_code == 302
    assert verbs.states(left.id) == ["cancelled", "cancelled"]
    assert verbs.states(other.id) == ["confirmed", "confirmed"]
    note = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "booking.transfer")
    ).one()
    assert note.after["whole_party"] is True


def test_only_for_places_of_ones_own(app, cast: SimpleNamespace, make: Make) -> None:
    left, other = make.run(), make.run(place=make.place(name="滨江社区"))
    person, booking = place(make, cast, left)
    desk = Console(app).as_(cast.wang)
    path = f"/people/{person}/bookings/{booking}/transfer"
    assert desk.post(path, {"run_id": other.id}).status_code == 404
    assert desk.get(f"/people/{person}/bookings/999999/transfer").status_code == 404
    assert verbs.state(booking) == "confirmed"
