"""One-time subscriptions: the client's report, and WeChat's own push through the stand-in."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from backend.app import create_app
from backend.db import db
from backend.reminders.models import PushEvent, SubscriptionGrant
from backend.wechat import push
from backend.wechat.push import PushKeys
from backend.wechat.standin.settings import StandinSettings
from tests import databases, settings
from tests.api import ApiClient
from tests.factories import Make
from tests.standin import running_standin, serving, wait_until

TOKEN, AES_KEY = "push-token", "A" * 43
OFFER, BOOKED = "standin-offered", "standin-booked"
KEYS = PushKeys(TOKEN, AES_KEY, settings.APPID)


@pytest.fixture
def pushing(app) -> Iterator[None]:
    """The application with a push callback configured."""
    ours = app.extensions["settings"]
    for name, value in (("wx_push_token", TOKEN), ("wx_push_aes_key", AES_KEY)):
        object.__setattr__(ours, name, value)
    yield
    for name in ("wx_push_token", "wx_push_aes_key"):
        object.__setattr__(ours, name, "")


def remaining(openid: str) -> dict[str, int]:
    rows = db.session.execute(
        select(SubscriptionGrant.template_id, SubscriptionGrant.remaining).where(
            SubscriptionGrant.openid == openid
        )
    )
    return {row.template_id: row.remaining for row in rows}


def test_it_names_the_templates(api: ApiClient) -> None:
    shown = api.get("/subscriptions/templates").json["data"]
    assert {"kind": "offered", "template_id": OFFER} in shown


def test_the_clients_report_counts(api: ApiClient, make: Make) -> None:
    wang = make.resident()
    for _ in range(2):
        done = api.post(
            "/subscriptions",
            {OFFER: "accept", BOOKED: "reject"},
            as_=wang.token,
        )
        assert done.json["data"] == {"counted": True}
    assert remaining(wang.openid) == {OFFER: 2, BOOKED: 0}


def test_a_refusal_takes_nothing_back(api: ApiClient, make: Make) -> None:
    wang = make.resident()
    api.post("/subscriptions", {OFFER: "accept"}, as_=wang.token)
    api.post("/subscriptions", {OFFER: "reject"}, as_=wang.token)
    assert remaining(wang.openid) == {OFFER: 1}


def test_it_does_not_count_beside_the_push(api: ApiClient, make: Make, pushing: None) -> None:
    wang = make.resident()
    done = api.post("/subscriptions", {OFFER: "accept"}, as_=wang.token)
    assert done.json["data"] == {"counted": False}
    assert remaining(wang.openid) == {}


@pytest.mark.parametrize(
    "body",
    [{"another": "accept"}, {OFFER: "yes"}, {OFFER: None}, {OFFER: ["accept"]},
     {"": "accept"}],
)  # fmt: skip
def test_odd_reports_are_refused(api: ApiClient, make: Make, body: dict) -> None:
    wang = make.resident()
    refused = api.post("/subscriptions", body, as_=wang.token)
    assert (refused.status_code, refused.json["errcode"]) == (422, 42200)
    assert remaining(wang.openid) == {}


def popup(openid: str = "o1", created: int = 1, status: str = "accept") -> str:
    return (
        f'{{"ToUserName":"gh","FromUserName":"{openid}","CreateTime":{created},'
        '"MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"standin-offered",'
        f'"SubscribeStatusString":"{status}","PopupScene":"0"}}]}}'
    )


def send(api: ApiClient, message: str, now: datetime, keys: PushKeys = KEYS, **wrong: str):
    body = push.seal(keys, message, int(now.timestamp()), "nonce")
    query = {
        "timestamp": str(body["TimeStamp"]), "nonce": "nonce",
        "msg_signature": body["MsgSignature"],
    }  # fmt: skip
    return api.http.post("/wechat/push", query_string=query | wrong, json=body)


def test_wechat_checks_the_address(api: ApiClient, pushing: None, now: datetime) -> None:
    stamp = str(int(now.timestamp()))
    query = {"timestamp": stamp, "nonce": "n", "echostr": "8<&你", "signature": ""}
    query["signature"] = push.signature(TOKEN, stamp, "n")
    answered = api.http.get("/wechat/push", query_string=query)
    assert (answered.status_code, answered.text) == (200, "8<&你")
    assert answered.content_type.startswith("text/plain")
    wrong = api.http.get("/wechat/push", query_string=query | {"signature": "0" * 40})
    assert (wrong.status_code, wrong.text) == (403, "refused")


def test_a_push_counts_once(api: ApiClient, pushing: None, now: datetime) -> None:
    for _ in range(3):
        answered = send(api, popup(), now)
        assert (answered.status_code, answered.text) == (200, "success")
    assert remaining("o1") == {OFFER: 1}
    send(api, popup(created=2), now)
    assert remaining("o1") == {OFFER: 2}
    assert len(db.session.scalars(select(PushEvent)).all()) == 2


def test_switching_off_ends_what_was_counted(api: ApiClient, pushing: None, now: datetime) -> None:
    send(api, popup(), now)
    change = popup(created=3, status="reject").replace("popup_event", "change_event")
    send(api, change, now)
    assert remaining("o1") == {OFFER: 0}


def test_other_messages_are_taken_and_forgotten(
    api: ApiClient, pushing: None, now: datetime
) -> None:
    other = '{"ToUserName":"gh","FromUserName":"o1","CreateTime":1,"MsgType":"text","Content":"?"}'
    assert send(api, other, now).text == "success"


@pytest.mark.parametrize("wrong", [{"msg_signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "x"}])
def test_a_push_that_is_not_wechats_is_refused(
    api: ApiClient, pushing: None, now: datetime, wrong: dict
) -> None:
    assert send(api, popup(), now, **wrong).status_code == 403
    stranger = PushKeys("other-token", "B" * 43, settings.APPID)
    assert send(api, popup(), now, stranger).status_code == 403
    assert api.http.post("/wechat/push", data=b"\xff\x00").status_code == 403
    assert remaining("o1") == {}


def test_without_a_callback_there_is_no_door(api: ApiClient, now: datetime) -> None:
    assert api.http.get("/wechat/push").status_code == 404
    assert send(api, popup(), now).status_code == 404


def test_the_standin_pushes_and_it_counts(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A tap in WeChat's popup, the signed push over HTTP, the count."""
    url = databases.new_database(dialect, request, tmp_path_factory)
    app = create_app(
        settings.for_tests(database_url=url, wx_push_token=TOKEN, wx_push_aes_key=AES_KEY)
    )
    databases.create_tables(app)
    with serving(app) as address:
        standin_settings = StandinSettings(
            app_env="test", appid=settings.APPID, callback_url=f"{address}/wechat/push",
            push_token=TOKEN, push_aes_key=AES_KEY,
        )  # fmt: skip
        with running_standin(standin_settings) as standin:
            standin.allow("o-standin", OFFER, BOOKED)
            standin.pushes(1)
            standin.repeat_push()
            wait_until(lambda: len(standin.pushes(2)) >= 2)
    with app.app_context():
        assert remaining("o-standin") == {OFFER: 1, BOOKED: 1}
    databases.dispose(app)
