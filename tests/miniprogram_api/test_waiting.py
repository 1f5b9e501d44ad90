"""Until when somebody waits: said when joining the line, and later."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make, Signed

DAY = timedelta(days=1)


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


def join(api: ApiClient, run, who: Signed, **body):
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, {"person_id": who.person.id, "wait": True} | body, as_=who.token)


def detail(api: ApiClient, who: Signed, booking: int) -> dict:
    return api.get(f"/bookings/{booking}", as_=who.token).json["data"]


def test_it_is_said_when_joining(api: ApiClient, make: Make, wang: Signed, now: datetime) -> None:
    until = clock.rfc3339(now + DAY)
    mine = join(api, make.run(capacity=0), wang, offer_before=until).json["data"]["booking_id"]
    seen = detail(api, wang, mine)
    assert (seen["position"], seen["offer_before"]) == (1, until)
    assert verbs.history(mine) == [("waiting", wang.account.id, None, None)]


def test_a_party_says_it_for_all(api: ApiClient, make: Make, wang: Signed, now: datetime) -> None:
    son = make.person("王小明")
    make.consent(wang.account, son)
    body = {"person_ids": [wang.person.id, son.id], "wait": True}
    body["offer_before"] = clock.rfc3339(now + DAY)
    full = make.run(capacity=2)
    verbs.book(full.id, make.person("李建国").id, account_id=wang.account.id)
    path = f"/night-school/runs/{full.id}/parties"
    booked = api.post(path, body, as_=wang.token).json["data"]["bookings"]
    assert [one["state"] for one in booked] == ["waiting"] * 2
    wishes = [db.session.get_one(Booking, one["booking_id"]).offer_before for one in booked]
    assert wishes == [now + DAY] * 2


def test_it_is_changed_later_and_taken_back(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    mine = join(api, make.run(capacity=0), wang).json["data"]["booking_id"]
    path = f"/bookings/{mine}/offer-before"
    until = clock.rfc3339(now + DAY)
    for wish in (until, until, None):
        assert api.post(path, {"offer_before": wish}, as_=wang.token).status_code == 200
        assert detail(api, wang, mine)["offer_before"] == wish
    with clock.frozen(now + DAY):
        assert detail(api, wang, mine)["state"] == "waiting"


def test_what_is_refused(api: ApiClient, make: Make, wang: Signed, now: datetime) -> None:
    run = make.run(capacity=0)
    past = clock.rfc3339(now)
    refused = join(api, run, wang, offer_before=past)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["offer_before"])
    mine = join(api, run, wang).json["data"]["booking_id"]
    path, later = f"/bookings/{mine}/offer-before", {"offer_before": clock.rfc3339(now + DAY)}
    stranger = make.resident("李建国")
    assert api.post(path, later, as_=stranger.token).status_code == 404
    assert api.post("/bookings/999999/offer-before", later, as_=wang.token).status_code == 404
    assert api.post(path, {"offer_before": past}, as_=wang.token).status_code == 422
    assert api.post(path, {}, as_=wang.token).status_code == 422
    assert api.post(path, later).status_code == 401
    verbs.cancel(mine)
    gone = api.post(path, later, as_=wang.token)
    assert (gone.status_code, gone.json["errcode"]) == (409, 40960)
