"""The stand-in as WeChat's protocol describes the real servers, and when it refuses to run."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from flask import Flask, request
from werkzeug.test import TestResponse

from backend import config
from backend.wechat import push
from backend.wechat.errors import CodeInvalid
from backend.wechat.push import PushKeys
from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import APPID, SECRET, StandinRefused, StandinSettings
from tests.standin import RunningStandin, free_port, running_standin, serving, wait_until

ALICE = "o-alice"
LESSON = "standin-lesson"
BOOKED = "standin-booked"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DATA = {
    "thing1": {"value": "太极拳入门班"},
    "time2": {"value": "2026年11月28日 19:00"},
    "thing3": {"value": "桃园社区二楼舞蹈室"},
    "thing4": {"value": "请提前十分钟到"},
}


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


@pytest.mark.parametrize(
    "settings",
    [
        {"app_env": "production"},
        {"secret": "0123456789abcdef0123456789abcdef"},
        {"host": "0.0.0.0"},
        {"host": "192.168.1.7"},
        {"host": "example.org"},
        {"callback_url": "http://127.0.0.1:8000/push"},
        {"callback_url": "http://127.0.0.1:8000/push", "push_token": "t", "push_aes_key": "short"},
    ],
)
def test_it_refuses_to_exist_where_it_could_do_harm(settings: dict[str, Any]) -> None:
    with pytest.raises(StandinRefused):
        StandinSettings(**settings)


def test_it_fits_itself_to_the_products_settings() -> None:
    product = config.load(
        {
            "APP_ENV": "test",
            "WX_APPID": "wx-district",
            "WX_SECRET": "standin-district",
            "WX_TEMPLATES": "booked=T-BOOKED,lesson=T-LESSON",
        }
    )
    settings = StandinSettings.beside(product, token_seconds=600)
    assert (settings.appid, settings.secret) == ("wx-district", "standin-district")
    assert {template.template_id for template in settings.templates} == {
        "T-BOOKED",
        "standin-offered",
        "standin-changed",
        "T-LESSON",
    }
    production = config.Settings(**{**asdict(product), "app_env": "production"})
    with pytest.raises(StandinRefused, match="production"):
        StandinSettings.beside(production)


class Callback:
    """A callback as the product has one: verifies, decrypts, notes; refuses `failing` times."""

    def __init__(self, keys: PushKeys) -> None:
        self.keys = keys
        self.failing = 0
        self.seen: list[dict[str, Any]] = []
        self.app = Flask("callback")
        self.app.add_url_rule("/push", view_func=self.receive, methods=["POST"])

    def receive(self) -> tuple[str, int]:
        now = datetime.now(UTC)
        message = push.open_message(self.keys, request.args, request.get_data(), now)
        self.seen.append(message)
        if self.failing:
            self.failing -= 1
            return "busy", 500
        return "success", 200


KEYS = PushKeys("standin-push-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", APPID)


@pytest.fixture
def callback() -> Callback:
    return Callback(KEYS)


@pytest.fixture
def pushing(callback: Callback) -> Iterator[RunningStandin]:
    """A stand-in that pushes to `callback`."""
    with serving(callback.app) as url:
        settings = StandinSettings(
            callback_url=f"{url}/push",
            push_token=KEYS.token,
            push_aes_key=KEYS.aes_key,
            push_sent_events=True,
            push_retry_seconds=0.01,
        )
        with running_standin(settings) as standin:
            yield standin


def test_popups_are_pushed_signed_and_encrypted(
    pushing: RunningStandin, callback: Callback
) -> None:
    pushing.popup(ALICE, {LESSON: "accept"})
    pushing.pushes(1)
    pushing.popup(ALICE, {LESSON: "accept", BOOKED: "reject"})
    pushing.pushes(2)
    one, several = callback.seen
    assert isinstance(one["List"], dict)
    assert isinstance(several["List"], list)
    statuses = {event.template_id: event.status for event in push.events(several)}
    assert statuses == {LESSON: "accept", BOOKED: "reject"}


def test_switching_off_and_arrivals_are_pushed(pushing: RunningStandin, callback: Callback) -> None:
    client = pushing.client()
    pushing.allow(ALICE, LESSON)
    pushing.pushes(1)
    values = {name: item["value"] for name, item in DATA.items()}
    client.send_subscribe_message(ALICE, LESSON, "pages/index", values, "zh_CN")
    client.close()
    pushing.pushes(2)
    pushing.switch_off(ALICE, LESSON)
    pushing.pushes(3)
    kinds = [type(event).__name__ for message in callback.seen for event in push.events(message)]
    assert kinds == ["PopupAnswered", "MessageSent", "SettingChanged"]


def test_a_push_that_is_not_taken_is_tried_three_times(
    pushing: RunningStandin, callback: Callback
) -> None:
    callback.failing = 2
    pushing.allow(ALICE, LESSON)
    (done,) = pushing.pushes(1)
    assert (done["tries"], done["taken"]) == (3, True)
    keys = {event.key for message in callback.seen for event in push.events(message)}
    assert len(keys) == 1
    callback.failing = 9
    pushing.allow(ALICE, LESSON)
    assert [push["taken"] for push in pushing.pushes(2)] == [True, False]
    assert len(callback.seen) == 6


def test_a_push_can_be_repeated_on_demand(pushing: RunningStandin, callback: Callback) -> None:
    pushing.allow(ALICE, LESSON)
    pushing.pushes(1)
    pushing.repeat_push()
    pushing.pushes(2)
    assert callback.seen[0] == callback.seen[1]


def command(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from backend.wechat.standin.command import command; command()",
        *arguments,
    ]


def test_the_command_serves_it_with_gunicorn() -> None:
    port = free_port()
    environ = os.environ | {"APP_ENV": "test", "WX_APPID": APPID, "WX_SECRET": SECRET}
    process = subprocess.Popen(command("--port", str(port)), env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(url), seconds=20)
        running = RunningStandin(url, create_standin(StandinSettings()).extensions["standin"])
        client = running.client()
        assert client.code_to_session(running.login_code(ALICE)).openid == ALICE
        running.fail("/wxaapi/newtmpl/gettemplate", "reset")
        assert client.templates()
        assert running.calls("/wxaapi/newtmpl/gettemplate") == 2
        with pytest.raises(CodeInvalid):
            client.code_to_session("made-up")
        client.close()
        running.close()
    finally:
        process.terminate()
        assert process.wait(10) == 0


def is_up(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (["--host", "0.0.0.0"], {}, "loopback"),
        ([], {"WX_SECRET": "0123456789abcdef0123456789abcdef"}, "standin"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    arguments: list[str], environ: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        command(*arguments),
        env=os.environ | {"APP_ENV": "test"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
