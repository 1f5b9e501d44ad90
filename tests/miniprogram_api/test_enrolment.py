"""Signing up for a class through the API."""

from datetime import timedelta

from sqlalchemy import select

from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.reminders.models import Reminder
from tests.api import ApiClient
from tests.factories import Make, fresh


def enrol(api, run, who, *, wait=False, person=None, key=None):
    return api.post(
        f"/night-school/runs/{run.id}/enrolments",
        {"person_id": (person or who.person).id, "wait": wait},
        as_=who.token,
        key=key,
    )


def test_it_takes_a_place(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    response = enrol(api, run, wang)
    assert response.status_code == 201, response.json
    assert response.json["data"]["state"] == "confirmed"
    row = db.session.get_one(Booking, response.json["data"]["booking_id"])
    assert (row.person_id, row.account_id, row.state) == (
        wang.person.id, wang.account.id, "confirmed")  # fmt: skip
    assert fresh(run).taken == 1
    assert db.session.scalars(select(BookingEvent.state)).all() == ["confirmed"]
    assert db.session.scalars(select(Reminder.kind)).all() == ["booked"]


def test_a_second_time_is_refused(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    enrol(api, run, wang)
    response = enrol(api, run, wang)
    assert (response.status_code, response.json["errcode"]) == (409, 40905)
    assert fresh(run).taken == 1


def test_the_same_key_answers_the_same(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    first = enrol(api, run, wang, key="k1")
    again = enrol(api, run, wang, key="k1")
    assert again.status_code == 200
    assert again.json["data"] == first.json["data"]
    other = enrol(api, run, wang, wait=True, key="k1")
    assert (other.status_code, other.json["errcode"]) == (422, 42201)


def test_a_full_run_has_a_line(api: ApiClient, make: Make) -> None:
    run = make.run(capacity=1)
    enrol(api, run, make.resident())
    li = make.resident("李建国")
    full = enrol(api, run, li)
    assert (full.status_code, full.json["errcode"]) == (409, 40904)
    waiting = enrol(api, run, li, wait=True)
    assert waiting.json["data"]["state"] == "waiting"
    assert waiting.json["data"]["queue_no"] == 1
    assert (fresh(run).taken, fresh(run).waiting) == (1, 1)


def test_the_next_in_line_is_offered_a_place_given_back(api: ApiClient, make: Make) -> None:
    run, wang, li = make.run(capacity=1), make.resident(), make.resident("李建国")
    booked = enrol(api, run, wang).json["data"]["booking_id"]
    waiting = enrol(api, run, li, wait=True).json["data"]["booking_id"]
    assert api.post(f"/bookings/{booked}/cancel", as_=wang.token).status_code == 200
    seen = api.get(f"/bookings/{waiting}", as_=li.token).json["data"]
    assert seen["state"] == "offered"
    assert seen["offer_until"]
    assert api.post(f"/bookings/{waiting}/accept", as_=li.token).status_code == 200
    assert api.get(f"/bookings/{waiting}", as_=li.token).json["data"]["state"] == "confirmed"
    assert (fresh(run).taken, fresh(run).waiting) == (1, 0)


def test_nobody_touches_other_peoples_bookings(api: ApiClient, make: Make) -> None:
    run, wang, li = make.run(), make.resident(), make.resident("李建国")
    booked = enrol(api, run, wang).json["data"]["booking_id"]
    assert api.get(f"/bookings/{booked}", as_=li.token).status_code == 404
    assert api.post(f"/bookings/{booked}/cancel", as_=li.token).status_code == 404
    assert enrol(api, run, li, person=wang.person).status_code == 404


def test_a_sign_up_takes_two_statements(api, make, statements, dialect) -> None:
    run, wang = make.run(), make.resident()
    statements.clear()
    assert enrol(api, run, wang, key="k").status_code == 201
    assert len(statements) == (2 if dialect == "postgresql" else 6)
    # The door promises PostgreSQL a single statement that writes: it commits on its own.
    writing = [one for one in statements if "INSERT" in one or "UPDATE" in one]
    assert len(writing) == (1 if dialect == "postgresql" else 4)


def test_a_full_run_refuses_after_a_look(api, make, statements, dialect) -> None:
    """In a rush most are refused: that takes no write, no lock and on PostgreSQL one read."""
    run, wang = make.run(capacity=1), make.resident()
    enrol(api, run, make.resident("李建国"))
    statements.clear()
    assert enrol(api, run, wang).json["errcode"] == 40904
    assert not any("INSERT" in one for one in statements)
    if dialect == "postgresql":
        assert [one.split()[0] for one in statements] == ["SELECT"]


def test_the_list_shows_places_left(api: ApiClient, make: Make) -> None:
    run = make.run(capacity=2, teacher_id=make.teacher().id)
    enrol(api, run, make.resident())
    page = api.get("/night-school/runs?has_places=true&text=声乐").json["data"]
    assert [item["id"] for item in page["items"]] == [run.id]
    assert page["items"][0]["places_left"] == 1
    detail = api.get(f"/night-school/runs/{run.id}").json["data"]
    assert len(detail["lesson_list"]) == 2
    make.run(starts_at=run.starts_at + timedelta(hours=1))
    first = api.get("/night-school/runs?limit=1").json["data"]
    second = api.get(f"/night-school/runs?limit=1&cursor={first['next_cursor']}").json["data"]
    assert first["items"][0]["id"] == run.id
    assert second["items"][0]["id"] != run.id


def test_places_that_nobody_can_take_are_not_free(api: ApiClient, make: Make, now) -> None:
    """ "Has places" is what somebody may still sign up for, not an empty chair."""
    free = make.run()
    make.run(closes_at=now)
    make.run(cancelled_at=now)
    later = make.run(opens_at=now + timedelta(hours=1))
    page = api.get("/night-school/runs?has_places=true").json["data"]
    assert [item["id"] for item in page["items"]] == [free.id, later.id]
    assert len(api.get("/night-school/runs").json["data"]["items"]) == 4
