"""Not at home, over the API: works, someone else's, bad bodies, already so."""

import pytest

from backend import clock
from tests.canteen.kitchens import DAY


@pytest.fixture
def wang(make):
    return make.resident()


def test_announced_and_taken_back(api, wang, make) -> None:
    body = {"person_id": wang.person.id, "day": str(DAY)}
    for _twice in range(2):
        assert api.post("/canteens/absences", body, as_=wang.token).status_code == 200
    listed = api.get("/canteens/absences", as_=wang.token).json["data"]
    assert listed == [body | {"person_name": "王秀英"}]
    with clock.frozen(clock.at_minute(DAY, 1439)):
        assert len(api.get("/canteens/absences", as_=wang.token).json["data"]) == 1
    for _twice in range(2):
        back = api.post("/canteens/absences/take-back", body, as_=wang.token)
        assert back.status_code == 200
    assert api.get("/canteens/absences", as_=wang.token).json["data"] == []


def test_what_is_refused(api, wang, make) -> None:
    other = make.resident("李建国")
    for path in ("", "/take-back"):
        for sent, status in (
            ({"person_id": other.person.id, "day": str(DAY)}, 404),
            ({"person_id": 10**9, "day": str(DAY)}, 404),
            ({"person_id": "x", "day": str(DAY)}, 422),
            ({"person_id": wang.person.id, "day": "３月"}, 422),
            ({"person_id": wang.person.id}, 422),
        ):
            answer = api.post(f"/canteens/absences{path}", sent, as_=wang.token)
            assert answer.status_code == status, sent
        assert api.post(f"/canteens/absences{path}", {}).status_code == 401
    for day in ("2026-03-10", "2026-04-12"):
        late = api.post(
            "/canteens/absences", {"person_id": wang.person.id, "day": day}, as_=wang.token
        )
        assert (late.status_code, late.json["errors"]["day"]) == (
            422, ["请选今天到一个月以内的日期。"],
        )  # fmt: skip
