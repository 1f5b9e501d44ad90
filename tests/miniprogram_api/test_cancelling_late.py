"""After the deadline a place may still be given back; that it was late is kept and shown."""

from datetime import timedelta

from backend import clock
from backend.db import db
from backend.people.own_data import gather
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make


def test_late_is_asked_for_kept_and_shown(api: ApiClient, make: Make) -> None:
    wang, run = make.resident(), make.run()
    booking = verbs.book(run.id, wang.person.id, account_id=wang.account.id).booking_id
    path = f"/bookings/{booking}"
    with clock.frozen(run.cancel_until + timedelta(hours=2)):
        refused = api.post(f"{path}/cancel", as_=wang.token)
        assert (refused.status_code, refused.json["errcode"]) == (409, 40910)
        assert refused.json["data"] == {"cancel_until": clock.rfc3339(run.cancel_until)}
        assert "会记为一次逾期取消" in refused.json["errmsg"]
        assert api.post(f"{path}/cancel", {"late": True}, as_=wang.token).status_code == 200
        assert api.post(f"{path}/cancel", {"late": True}, as_=wang.token).status_code == 200
        seen = api.get(path, as_=wang.token).json["data"]
        told = str(gather(db.session(), wang.me, clock.now()))
    assert (seen["state"], seen["cancelled_late"]) == ("cancelled", True)
    assert verbs.counters(run.id) == (0, 0, 0)
    assert "逾期取消" in told


def test_in_time_nothing_is_kept(api: ApiClient, make: Make) -> None:
    wang, run = make.resident(), make.run()
    booking = verbs.book(run.id, wang.person.id, account_id=wang.account.id).booking_id
    api.post(f"/bookings/{booking}/cancel", {"late": True}, as_=wang.token)
    seen = api.get(f"/bookings/{booking}", as_=wang.token).json["data"]
    assert (seen["state"], seen["cancelled_late"]) == ("cancelled", False)
