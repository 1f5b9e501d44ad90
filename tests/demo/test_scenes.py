"""What residents and staff find in the demo's scenes: rules, families, draws."""

import json

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.db import db
from backend.demo import staff as team
from backend.night_school import classes, eligibility, minimum, roster, standstill
from backend.night_school.draws import queries as draws
from backend.night_school.draws import verify
from backend.night_school.draws.models import DrawApplication
from backend.night_school.models import RunHour
from backend.night_school.planning import templates
from backend.people.models import Account, Person
from backend.people.queries import Resident
from backend.places.models import Place
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole
from tests.conftest import NOON


def signed_in(username: str) -> SignedInStaff:
    row = db.session.scalars(select(Staff).where(Staff.username == username)).one()
    roles = db.session.execute(
        select(StaffRole.role, Place.id, Place.path, Place.name)
        .join(Place, Place.id == StaffRole.place_id)
        .where(StaffRole.staff_id == row.id)
    )
    scopes = tuple(Scope(Role(one.role), one.id, one.path, one.name) for one in roles)
    return SignedInStaff(row.id, row.name, scopes, row.username)


def scene(title: str) -> int:
    """The class of a scene: the last that was planned of its course."""
    found = select(Bookable.id).where(Bookable.title == title).order_by(Bookable.id.desc())
    return db.session.scalars(found.limit(1)).one()


def anybody(*where) -> Resident:
    """The first resident with an account and nothing booked."""
    row = db.session.execute(
        select(Account.id, Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            Person.id.not_in(select(Booking.person_id)),
            Person.id.not_in(select(DrawApplication.person_id)),
            *where,
        )
        .order_by(Account.id)
        .limit(1)
    ).one()
    return Resident(row.id, row.person_id)


def says(me: Resident, title: str) -> str:
    [answer] = eligibility.for_runs(db.session(), me, [scene(title)], me.person_id, NOON)
    return " ".join([answer["can"], *(reason["errmsg"] for reason in answer["reasons"])])


def test_rules_speak_before_the_tap(district) -> None:
    young = anybody(Person.birth_date > clock.today().replace(year=clock.today().year - 50))
    assert "先由" in says(young, "软陶小物")
    assert "软笔书法" in says(young, "写意花鸟")
    assert says(young, "茶艺与生活") == "yes"
    kept = classes.get_class(db.session(), signed_in("worker"), scene("茶艺与生活"))
    assert (kept["kept_left"], kept["kept_from_age"]) == (3, 60)


@pytest.mark.parametrize("username", [one.username for one in team.SIGN_INS])
def test_staff_decide_about_a_class_that_is_too_small(district, username) -> None:
    titles = [
        one["title"] for one in minimum.list_too_small(db.session(), signed_in(username), NOON)
    ]
    assert titles == (["短视频剪辑"] if username in ("manager", "worker") else [])


def test_a_family_goes_together_and_a_couple_waits_for_two_places(district) -> None:
    run_id = scene("剪纸")
    run = classes.get_class(db.session(), signed_in("worker"), run_id)
    waiting = roster.waiting_list(db.session(), run_id, NOON)
    assert (run["capacity"] - run["taken"], len(waiting)) == (1, 3)
    [why] = standstill.reasons(run, waiting, NOON)
    assert "2 位同行的人" in why
    parties = db.session.execute(
        select(Booking.party_id, Person.birth_date)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.bookable_id == run_id, Booking.state == State.CONFIRMED)
    ).all()
    assert any(one.birth_date.year > NOON.year - 18 for one in parties)
    assert len({one.party_id for one in parties if one.party_id}) == 4


def test_one_class_meets_twice_a_week_and_one_is_shown_tomorrow(district) -> None:
    hours = select(RunHour.weekday).where(RunHour.run_id == scene("智能手机轻松学"))
    assert sorted(db.session.scalars(hours)) == [1, 3]
    photo = db.session.get_one(Bookable, scene("手机摄影"))
    assert photo.published_at is not None
    assert clock.local(photo.published_at).strftime("%H:%M") == "09:00"
    assert photo.published_at > NOON
    assert len(templates.list_templates(db.session(), signed_in("worker"))) == 1


def test_draws_stand_at_every_stage(district) -> None:
    shown = {one["state"]: one for one in draws.list_draws(db.session(), NOON)}
    assert set(shown) == {"open", "closed", "drawn"}
    assert clock.rfc3339(NOON) > shown["closed"]["number_at"]
    assert {one["id"] for one in draws.list_for_staff(db.session(), signed_in("worker"), NOON)} == {
        shown["closed"]["id"], shown["drawn"]["id"],
    }  # fmt: skip


def test_the_drawn_one_can_be_dealt_again_and_tells_everybody_why(district) -> None:
    [drawn] = [one for one in draws.list_draws(db.session(), NOON) if one["state"] == "drawn"]
    file = json.loads(draws.file_of(db.session(), drawn["id"]))
    assert verify.problems_of(file) == []
    assert any(one["together"] for one in file["entries"]["applications"])
    account = select(DrawApplication.account_id, DrawApplication.person_id).where(
        DrawApplication.draw_id == drawn["id"]
    )
    told = set()
    for account_id, person_id in db.session.execute(account):
        for mine in draws.list_mine(db.session(), Resident(account_id, person_id), NOON):
            told |= {wish["got"] for wish in mine["wishes"]}
    assert told >= {"won", "full"}
