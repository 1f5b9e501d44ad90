"""The API's manners: what all doors share, whatever the resource."""

import pytest
from flask import Flask

from backend import clock
from backend.app import create_app
from backend.db import transaction
from backend.people import signin
from miniprogram_api import PREFIX
from tests import databases, settings
from tests.api import ApiClient
from tests.factories import Make

H5 = "https://h5.example.cn"
CHILD = {"name": "王小明", "birth_date": "2018-06-01", "is_guardian": True}


def test_a_refusal_carries_the_request_id(api: ApiClient) -> None:
    refused = api.get("/me", headers={"X-Request-ID": "abc123"})
    assert refused.json["request_id"] == refused.headers["X-Request-ID"] == "abc123"
    assert refused.json["errmsg"] == "请先登录。"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"not json", 400),
        (b'{"person_id": NaN}', 400),
        (b"[" * 5000, 400),
        (b"[]", 422),
        (b"1", 422),
        (b"null", 422),
        (b'"x"', 422),
        (b"", 422),
        (b"{}", 422),
        (b'{"person_id": "1"}', 422),
        (b'{"person_id": 1.5}', 422),
        (b'{"person_id": true}', 422),
        (b'{"person_id": null}', 422),
        (b'{"person_id": [1]}', 422),
        (b'{"person_id": -1}', 422),
        (b'{"person_id": 0}', 422),
        (b'{"person_id": 99999999999999999999999}', 422),
        (b'{"person_id": 1, "wait": "perhaps"}', 422),
        (b'{"person_id": 1, "who": 1}', 422),
    ],
)
def test_bodies_that_do_not_fit_are_refused(
    api: ApiClient, make: Make, body: bytes, status: int
) -> None:
    run, wang = make.run(), make.resident()
    refused = api.call(
        "POST",
        f"/night-school/runs/{run.id}/enrolments",
        as_=wang.token,
        data=body,
        content_type="application/json",
    )
    assert refused.status_code == status, refused.json
    assert refused.json["errcode"] in (40001, 42200)
    assert refused.json["errmsg"]


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/night-school/runs/1/enrolments"])
def test_a_huge_body_is_refused(api: ApiClient, make: Make, path: str) -> None:
    refused = api.call(
        "POST", path, as_=make.resident().token, data=b"x" * 10_000_000,
        content_type="application/json",
    )  # fmt: skip
    assert (refused.status_code, refused.json["errcode"]) == (413, 41300)


@pytest.mark.parametrize(
    "number", ["0", "-1", "00", "1.0", "abc", "9" * 40, "9007199254740993", "%00", "1e3", "١"]
)
def test_odd_ids_are_not_found(api: ApiClient, make: Make, number: str) -> None:
    token = make.resident().token
    for path in ("/night-school/runs/{}", "/bookings/{}", "/places/{}/estates"):
        refused = api.get(path.format(number), as_=token)
        assert (refused.status_code, refused.json["errcode"]) == (404, 40400)


@pytest.mark.parametrize("number", ["9007199254740991", "999999999"])
def test_ids_nobody_has_are_not_found(api: ApiClient, make: Make, number: str) -> None:
    token = make.resident().token
    assert api.get(f"/bookings/{number}", as_=token).status_code == 404
    assert api.get(f"/night-school/runs/{number}").status_code == 404


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", "bm90aGluZw", "WzFd", "WyJhIiwxXQ", "W251bGwsbnVsbF0", "e30", "WzEsMl0",
     "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxXQ",  # a moment without a zone
     "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "a" * 201, "🙂"],
)  # fmt: skip
def test_cursors_nobody_gave_out_are_refused(api: ApiClient, make: Make, cursor: str) -> None:
    refused = api.get(f"/night-school/runs?cursor={cursor}")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["cursor"])
    assert api.get(f"/inbox?cursor={cursor}", as_=make.resident().token).status_code == (
        200 if cursor == "WzFd" else 422
    )


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "weekday=7", "weekday=x", "part_of_day=night",
     "audience=robots", "street_id=0", "street_id=x", "street_id=1e3", "has_places=maybe",
     "text=" + "x" * 41, "text=a%00b", "category=%00", "community_id=1&community_id=-1"],
)  # fmt: skip
def test_odd_filters_are_refused(api: ApiClient, query: str) -> None:
    refused = api.get(f"/night-school/runs?{query}")
    assert (refused.status_code, refused.json["errcode"]) == (422, 42200)
    assert list(refused.json["errors"]) == [query.partition("=")[0]]


def test_filters_fit_together(api: ApiClient, make: Make) -> None:
    run = make.run(audience="seniors")
    make.run(audience="children")
    street_id = make._once["street"].id
    query = (
        f"street_id={street_id}&community_id={run.place_id}&community_id=1&weekday=2&weekday=3"
        "&part_of_day=evening&audience=seniors&free_of_charge=true&has_places=true&text=声乐"
    )
    items = api.get(f"/night-school/runs?{query}").json["data"]["items"]
    assert [item["id"] for item in items] == [run.id]


@pytest.mark.parametrize("key", ["", "x" * 65, "ключ", "a\tb"])
def test_odd_keys_are_refused(api: ApiClient, make: Make, key: str) -> None:
    run, wang = make.run(), make.resident()
    refused = api.call(
        "POST", f"/night-school/runs/{run.id}/enrolments", as_=wang.token,
        json={"person_id": wang.person.id}, headers={"Idempotency-Key": key},
    )  # fmt: skip
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["Idempotency-Key"])


def test_the_wrong_method_is_said(api: ApiClient) -> None:
    refused = api.delete("/night-school/runs")
    assert (refused.status_code, refused.json["errcode"]) == (405, 40500)
    assert "GET" in refused.headers["Allow"]
    assert api.get("/nowhere").json["errcode"] == 40400


@pytest.mark.parametrize("path", ["/night-school/runs", "/places", "/me", "/bookings", "/inbox"])
def test_who_has_it_already_is_told_so(api: ApiClient, make: Make, path: str) -> None:
    make.run()
    token = make.resident().token
    first = api.get(path, as_=token)
    assert first.status_code == 200
    again = api.get(path, as_=token, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    stale = api.get(path, as_=token, headers={"If-None-Match": '"other"'})
    assert stale.status_code == 200


def test_what_is_personal_is_kept_by_no_proxy(api: ApiClient, make: Make) -> None:
    token = make.resident().token
    assert api.get("/me", as_=token).headers["Cache-Control"] == "private, no-cache"
    assert "ETag" not in api.get("/me").headers


def test_an_etag_changes_with_what_is_shown(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    path = f"/night-school/runs/{run.id}"
    before = api.get(path).headers["ETag"]
    api.post(f"{path}/enrolments", {"person_id": wang.person.id}, as_=wang.token)
    assert api.get(path, headers={"If-None-Match": before}).status_code == 200


@pytest.fixture
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Applications with settings of their own, on SQLite: nothing here is about the database."""
    apps: list[Flask] = []

    def make_app(**given: object) -> tuple[ApiClient, str]:
        url = databases.new_database("sqlite", request, tmp_path_factory)
        app = create_app(settings.for_tests(database_url=url, **given))
        databases.create_tables(app)
        apps.append(app)
        with app.app_context(), transaction() as session:
            token = signin.sign_in(session, "openid-live", clock.now()).token
        return ApiClient(app), token

    yield make_app
    for app in apps:
        databases.dispose(app)


def test_only_configured_origins_may_call(live) -> None:
    api, token = live(cors_origins=H5)
    ours = api.get("/me", as_=token, headers={"Origin": H5})
    assert ours.headers["Access-Control-Allow-Origin"] == H5
    assert "ETag" in ours.headers["Access-Control-Expose-Headers"]
    theirs = api.get("/me", as_=token, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in theirs.headers
    asked = api.call(
        "OPTIONS",
        "/me",
        headers={
            "Origin": H5,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key,content-type",
        },
    )
    assert asked.status_code == 200
    assert "idempotency-key" in asked.headers["Access-Control-Allow-Headers"].lower()
    nobody, token = live()
    silent = nobody.get("/me", as_=token, headers={"Origin": H5})
    assert "Access-Control-Allow-Origin" not in silent.headers


def test_sign_in_is_limited_by_address(live) -> None:
    api, token = live(rate_limits="true")
    for _ in range(30):
        assert api.post("/auth/login", {"code": ""}).status_code == 422
    refused = api.post("/auth/login", {"code": ""})
    assert (refused.status_code, refused.json["errcode"]) == (429, 42900)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["data"]["retry_after"] == int(refused.headers["Retry-After"])
    elsewhere = api.post("/auth/login", {"code": ""}, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 422
    assert api.get("/me", as_=token).status_code == 200


def test_everything_else_is_limited_by_account(live) -> None:
    api, token = live(rate_limits="true")
    with api.app.app_context(), transaction() as session:
        other = signin.sign_in(session, "openid-other", clock.now()).token
    for _ in range(60):
        assert api.post("/inbox/read-all", as_=token).status_code == 200
    assert api.post("/inbox/read-all", as_=token).status_code == 429
    assert api.post("/inbox/read-all", as_=other).status_code == 200  # one address, two residents
    assert api.get("/inbox", as_=token).status_code == 200


def test_public_reads_are_not_limited(live) -> None:
    api, _ = live(rate_limits="true")
    assert {api.get("/places").status_code for _ in range(300)} == {200}


def test_a_fault_of_ours_is_said_and_nothing_is_told(live, monkeypatch) -> None:
    api, token = live()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("backend.people.profile.get", broken)
    refused = api.get("/me", as_=token)
    assert (refused.status_code, refused.json["errcode"]) == (500, 50000)
    assert "secret" not in refused.text


def test_the_page_of_the_document_needs_nobody_else(live) -> None:
    api, _ = live()
    page = api.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "docs.css", "docs.js"):
        assert name in page.text
        path = page.text.split(name)[0].split('"')[-1].removeprefix(PREFIX) + name
        with api.get(path) as asset:
            assert asset.status_code == 200


def test_field_errors_are_sentences_in_chinese(api: ApiClient, make: Make) -> None:
    """Whatever is wrong with a field, a resident can read it."""
    token = make.resident().token
    bodies = [
        ("POST", "/me", {"name": 1, "gender": "x", "birth_date": "x", "home_place_id": "x",
                          "address": "x" * 500, "language": None, "more": 1}),
        ("POST", "/me", []),
        ("POST", "/household/children", {}),
        ("POST", "/household/children", CHILD | {"is_guardian": False}),
        ("POST", "/household/adults", {"name": None, "phone": 1, "relation": ["x"]}),
        ("POST", "/check-in", {"lesson_id": 0, "code": [], "person_id": 2**70}),
    ]  # fmt: skip
    for method, path, body in bodies:
        refused = api.call(method, path, json=body, as_=token)
        assert refused.status_code == 422
        for field, sentences in refused.json["errors"].items():
            for sentence in sentences:
                assert any("\u4e00" <= char <= "\u9fff" for char in sentence), (field, sentence)
    odd = api.get("/night-school/runs?weekday=9&limit=0&audience=x&has_places=x&street_id=x")
    assert len(odd.json["errors"]) == 5
    assert "。" in str(odd.json["errors"]["limit"])
