"""The stand-in as WeChat's protocol describes the real servers."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from werkzeug.test import TestResponse

from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import APPID, SECRET, StandinSettings
from tests.standin import running_standin
from tests.wechat.samples import ALICE, LESSON, TEXTS

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DATA = {name: {"value": text} for name, text in TEXTS.items()}


class Bench:
    """A stand-in whose clock only moves when told to, called without a network."""

    def __init__(self, **settings: Any) -> None:
        self.at = NOW
        self.app = create_standin(StandinSettings(**settings), now=lambda: self.at)
        self.http = self.app.test_client()

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)

    def post(self, path: str, body: Any) -> dict[str, Any]:
        return read(self.http.post(path, json=body))

    def token(self, **changed: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET} | changed
        return self.post("/cgi-bin/stable_token", body)

    def send(self, token: str, **changed: Any) -> dict[str, Any]:
        body = {"touser": ALICE, "template_id": LESSON, "page": "pages/index", "data": DATA}
        return self.post(f"/cgi-bin/message/subscribe/send?access_token={token}", body | changed)

    def login(self, code: str, **changed: str) -> TestResponse:
        query = {"appid": APPID, "secret": SECRET, "grant_type": "authorization_code"}
        query |= {"js_code": code}
        return self.http.get("/sns/jscode2session", query_string=query | changed)


def read(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200
    answer = json.loads(response.get_data())
    assert isinstance(answer, dict)
    return answer


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_token_stays_the_same_until_five_minutes_before_its_end(bench: Bench) -> None:
    first = bench.token()
    assert first["expires_in"] == 7200
    assert "errcode" not in first
    bench.advance(seconds=6900)
    assert bench.token() == {"access_token": first["access_token"], "expires_in": 300}
    bench.advance(seconds=1)
    second = bench.token()
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    path = "/wxaapi/newtmpl/gettemplate?access_token="
    assert read(bench.http.get(path + first["access_token"]))["errcode"] == 0  # both work now
    bench.advance(seconds=300)
    assert read(bench.http.get(path + first["access_token"]))["errcode"] == 40001
    assert read(bench.http.get(path + first["access_token"]))["errcode"] == 42001
    assert read(bench.http.get(path + second["access_token"]))["errcode"] == 0


def test_a_forced_token_ends_the_old_one_and_is_rationed(bench: Bench) -> None:
    first = bench.token()["access_token"]
    assert bench.token(force_refresh=True)["access_token"] != first
    assert bench.send(first)["errcode"] == 40001
    assert bench.token(force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        bench.advance(seconds=30)
        assert "access_token" in bench.token(force_refresh=True)
    bench.advance(seconds=30)
    assert bench.token(force_refresh=True)["errcode"] == 45009


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wx-other"}, 40013),
        ({"secret": "standin-other"}, 40125),
    ],
)
def test_the_token_is_for_the_account_only(
    bench: Bench, changed: dict[str, str], errcode: int
) -> None:
    refused = bench.token(**changed)
    assert refused["errcode"] == errcode
    assert " rid: " in refused["errmsg"]


def test_the_token_wants_post(bench: Bench) -> None:
    assert read(bench.http.get("/cgi-bin/stable_token"))["errcode"] == 43002


def test_a_login_is_answered_as_plain_text_with_a_session_key(bench: Bench) -> None:
    code = bench.post("/_test/login-code", {"openid": ALICE})["code"]
    response = bench.login(code)
    assert response.mimetype == "text/plain"
    session = read(response)
    assert session["openid"] == ALICE
    assert len(session["session_key"]) == 24
    assert read(bench.login(code))["errcode"] == 40029


def test_a_code_works_for_five_minutes(bench: Bench) -> None:
    code = bench.post("/_test/login-code", {"openid": ALICE})["code"]
    bench.advance(minutes=5)
    assert read(bench.login(code))["errcode"] == 40029


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [({"js_code": ""}, 41008), ({"grant_type": ""}, 40002), ({"secret": "standin-no"}, 40125)],
)
def test_a_login_needs_all_its_parameters(
    bench: Bench, changed: dict[str, str], errcode: int
) -> None:
    assert read(bench.login("any", **changed))["errcode"] == errcode


def test_every_other_door_wants_a_token(bench: Bench) -> None:
    for path in (
        "/cgi-bin/message/subscribe/send",
        "/wxa/business/getuserphonenumber",
        "/wxa/getwxacodeunlimit",
        "/wxa/msg_sec_check",
    ):
        assert bench.post(path, {})["errcode"] == 41001
        assert bench.post(f"{path}?access_token=made-up", {})["errcode"] == 40001


@pytest.mark.parametrize(
    ("changed", "errcode", "named"),
    [
        ({"touser": "o-nobody"}, 40003, "openid"),
        ({"template_id": "T9"}, 40037, "template_id"),
        ({"data": json.dumps(DATA)}, 47003, "data"),
        ({"data": DATA | {"time2": {"value": "明晚"}}}, 47003, "data.time2.value"),
        ({"data": DATA | {"thing1": {"value": "字" * 21}}}, 47003, "data.thing1.value"),
        ({"data": DATA | {"thing1": "太极拳"}}, 47003, "data.thing1.value"),
        ({"data": {"thing1": {"value": "太极拳"}}}, 47003, "data.time2.value"),
        ({"lang": "de_DE"}, 40097, "args"),
    ],
)
def test_a_message_is_checked_before_it_is_taken(
    bench: Bench, changed: dict[str, Any], errcode: int, named: str
) -> None:
    bench.post("/_test/popup", {"openid": ALICE, "answers": {LESSON: "accept"}})
    refused = bench.send(bench.token()["access_token"], **changed)
    assert refused["errcode"] == errcode
    assert named in refused["errmsg"]
    assert read(bench.http.get(f"/_test/grants?openid={ALICE}"))["grants"] == {LESSON: 1}


def test_a_refused_popup_grants_nothing(bench: Bench) -> None:
    bench.post("/_test/popup", {"openid": ALICE, "answers": {LESSON: "reject"}})
    assert bench.send(bench.token()["access_token"])["errcode"] == 43101


def test_thirty_threads_use_ten_grants_ten_times() -> None:
    with running_standin() as standin:
        for _ in range(10):
            standin.allow(ALICE, LESSON)
        token = httpx.post(
            standin.url + "/cgi-bin/stable_token",
            json={"grant_type": "client_credential", "appid": APPID, "secret": SECRET},
            trust_env=False,
        ).json()["access_token"]
        answers: list[int] = []

        def send() -> None:
            body = {"touser": ALICE, "template_id": LESSON, "data": DATA}
            response = httpx.post(
                f"{standin.url}/cgi-bin/message/subscribe/send",
                params={"access_token": token},
                json=body,
                trust_env=False,
                timeout=20,
            )
            answers.append(response.json()["errcode"])

        threads = [threading.Thread(target=send) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [0] * 10 + [43101] * 20
        assert len(standin.messages(ALICE)) == 10


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"scene": "a" * 33}, 40169),
        ({"scene": 17}, 40169),
        ({"scene": "课程"}, 40129),
        ({"scene": ""}, 40129),
        ({"env_version": "beta"}, 40097),
        ({"page": "/pages/lesson"}, 41030),
    ],
)
def test_a_code_image_is_checked(bench: Bench, changed: dict[str, Any], errcode: int) -> None:
    token = bench.token()["access_token"]
    body = {"scene": "c=17", "page": "pages/lesson/lesson"} | changed
    assert bench.post(f"/wxa/getwxacodeunlimit?access_token={token}", body)["errcode"] == errcode


@pytest.mark.parametrize(
    ("raw", "errcode"), [(b"", 44002), (b"{", 47001), (b"[]", 47001), (b"\xff", 47001)]
)
def test_a_body_that_is_no_json_object_is_refused(bench: Bench, raw: bytes, errcode: int) -> None:
    path = f"/wxa/msg_sec_check?access_token={bench.token()['access_token']}"
    assert read(bench.http.post(path, data=raw))["errcode"] == errcode


def test_a_text_check_wants_a_visit_within_two_hours(bench: Bench) -> None:
    token = bench.token()["access_token"]
    bench.login(bench.post("/_test/login-code", {"openid": ALICE})["code"])
    path = f"/wxa/msg_sec_check?access_token={token}"
    body = {"version": 2, "openid": ALICE, "scene": 2, "content": "很好"}
    assert bench.post(path, body)["result"] == {"suggest": "pass", "label": 100}
    assert bench.post(path, body | {"scene": 9})["errcode"] == 40129
    assert bench.post(path, body | {"openid": "o-nobody"})["errcode"] == 40003
    bench.advance(hours=2)
    path = f"/wxa/msg_sec_check?access_token={bench.token()['access_token']}"
    assert bench.post(path, body)["errcode"] == 61010


def test_a_browser_of_the_configured_origin_may_ask_for_a_login_code() -> None:
    bench = Bench(origin="http://127.0.0.1:8000")
    for origin, allowed in (("http://127.0.0.1:8000", True), ("http://evil.example", False)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = bench.http.options("/_test/login-code", headers=headers)
        answer = bench.http.post("/_test/login-code", json={"openid": ALICE}, headers=headers)
        for response in (preflight, answer):
            assert (response.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_reset_forgets_everything_but_the_token(bench: Bench) -> None:
    token = bench.token()["access_token"]
    code = bench.post("/_test/login-code", {"openid": ALICE})["code"]
    bench.post("/_test/popup", {"openid": ALICE, "answers": {LESSON: "accept"}})
    bench.post("/_test/faults", {"path": "*", "kind": "errcode", "errcode": 45009, "times": 9})
    bench.post("/_test/reset", {})
    assert read(bench.login(code))["errcode"] == 40029
    assert bench.send(token)["errcode"] == 40003
    assert bench.token()["access_token"] == token


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("login-code", {}),
        ("login-code", {"openid": ""}),
        ("phone-code", {"openid": ALICE}),
        ("popup", {"openid": ALICE}),
        ("popup", {"openid": ALICE, "answers": {"T9": "accept"}}),
        ("popup", {"openid": ALICE, "answers": {LESSON: "maybe"}}),
        ("faults", {"path": "*", "kind": "earthquake"}),
        ("faults", {"colour": "red"}),
    ],
)
def test_a_helper_door_says_what_is_missing(bench: Bench, path: str, body: dict[str, Any]) -> None:
    assert bench.post(f"/_test/{path}", body)["errcode"] != 0
