"""The client against the stand-in: what each call gives, and what each refusal becomes."""

import logging

import httpx
import pytest

from backend.wechat import errors
from backend.wechat.client import Verdict, WeChatClient, WeChatSession
from backend.wechat.fields import FieldProblem
from backend.wechat.standin.settings import StandinSettings
from backend.wechat.tokens import MemoryTokens
from tests.standin import LOGIN, SEND, TOKEN, RunningStandin, free_port, running_standin, wait_until

ALICE = "o-alice-000000000000000000001"
LESSON = "standin-lesson"
DATA = {
    "thing1": "太极拳入门班",
    "time2": "2026年11月28日 19:00",
    "thing3": "桃园社区二楼舞蹈室",
    "thing4": "请提前十分钟到",
}


def send(client: WeChatClient, openid: str = ALICE, **changed: str) -> int | None:
    return client.send_subscribe_message(
        openid, LESSON, "pages/bookings/bookings?id=7", DATA | changed, "zh_CN"
    )


def test_a_login_code_becomes_an_openid_once(standin: RunningStandin, client: WeChatClient) -> None:
    code = standin.login_code(ALICE)
    assert client.code_to_session(code) == WeChatSession(ALICE, None)
    with pytest.raises(errors.CodeInvalid) as refused:
        client.code_to_session(code)
    assert refused.value.errcode == 40029
    assert refused.value.errmsg == "invalid code"
    assert refused.value.rid


def test_an_unknown_login_code_is_refused(client: WeChatClient) -> None:
    with pytest.raises(errors.CodeInvalid):
        client.code_to_session("made-up")


def test_the_unionid_comes_along_where_the_app_is_bound() -> None:
    with running_standin(StandinSettings(unionids=True)) as standin:
        client = standin.client()
        assert client.code_to_session(standin.login_code(ALICE)).unionid
        client.close()


def test_the_session_key_and_the_secrets_stay_out_of_answers_and_logs(
    standin: RunningStandin, client: WeChatClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    standin.allow(ALICE, LESSON)
    session = client.code_to_session(standin.login_code(ALICE))
    send(client)
    with pytest.raises(errors.CodeInvalid):
        client.code_to_session("made-up")
    assert "session_key" not in repr(session)
    for secret in (standin.settings.secret, "session_key", "access_token="):
        assert secret not in caplog.text


def test_a_phone_code_becomes_a_number_once(standin: RunningStandin, client: WeChatClient) -> None:
    code = standin.phone_code("13800000001")
    assert client.phone_number(code) == "13800000001"
    with pytest.raises(errors.CodeInvalid):
        client.phone_number(code)


def test_a_number_from_elsewhere_is_given_in_full(
    standin: RunningStandin, client: WeChatClient
) -> None:
    assert client.phone_number(standin.phone_code("+852 91234567")) == "+85291234567"


def test_a_phone_code_of_somebody_else_is_refused(
    standin: RunningStandin, client: WeChatClient
) -> None:
    code = standin.phone_code("13800000001", openid=ALICE)
    with pytest.raises(errors.OpenIdInvalid):
        client.phone_number(code, openid="o-bob")


def test_login_codes_and_phone_codes_are_two_kinds(
    standin: RunningStandin, client: WeChatClient
) -> None:
    with pytest.raises(errors.CodeInvalid):
        client.phone_number(standin.login_code(ALICE))
    with pytest.raises(errors.CodeInvalid):
        client.code_to_session(standin.phone_code("13800000001"))


def test_a_message_arrives_and_uses_one_grant(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.allow(ALICE, LESSON)
    assert send(client)
    (message,) = standin.messages(ALICE)
    assert message["title"] == "上课提醒"
    assert message["data"] == DATA
    assert message["page"] == "pages/bookings/bookings?id=7"
    assert (message["lang"], message["state"]) == ("zh_CN", "formal")
    assert standin.grants(ALICE) == {LESSON: 0}
    with pytest.raises(errors.NotSubscribed) as refused:
        send(client)
    assert not refused.value.retryable


def test_grants_add_up(standin: RunningStandin, client: WeChatClient) -> None:
    standin.allow(ALICE, LESSON)
    standin.allow(ALICE, LESSON)
    send(client)
    send(client)
    assert len(standin.messages(ALICE)) == 2


def test_a_switched_off_template_takes_nothing(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.allow(ALICE, LESSON)
    standin.switch_off(ALICE, LESSON)
    with pytest.raises(errors.NotSubscribed):
        send(client)


def test_a_long_title_is_cut_before_it_is_sent(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.allow(ALICE, LESSON)
    send(client, thing1="智能手机课堂：挂号与缴费（街道中心与十二个社区联合开班）")
    (message,) = standin.messages(ALICE)
    assert message["data"]["thing1"] == "智能手机课堂：挂号与缴费（街道中心与十…"
    assert len(message["data"]["thing1"]) == 20


def test_a_value_that_cannot_be_cut_is_never_sent(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.allow(ALICE, LESSON)
    with pytest.raises(FieldProblem) as problem:
        send(client, time2="明晚七点")
    assert problem.value.field == "time2"
    assert standin.calls(SEND) == 0


def test_a_field_the_template_lacks_is_named(standin: RunningStandin, client: WeChatClient) -> None:
    standin.allow(ALICE, LESSON)
    with pytest.raises(errors.FieldInvalid) as refused:
        send(client, thing9="多出来的一项")
    assert refused.value.field == "thing9"
    assert standin.grants(ALICE) == {LESSON: 1}


def test_an_unknown_receiver_or_template_is_refused(
    standin: RunningStandin, client: WeChatClient
) -> None:
    with pytest.raises(errors.OpenIdInvalid):
        send(client, openid="o-nobody")
    standin.login_code(ALICE)
    with pytest.raises(errors.TemplateInvalid):
        client.send_subscribe_message(ALICE, "no-such-template", "pages/index", DATA, "zh_CN")


def test_a_mini_program_code_is_an_image(client: WeChatClient) -> None:
    image = client.mini_program_code("c=17&v=3", "pages/lesson/lesson")
    assert image.startswith(b"\x89PNG")


@pytest.mark.parametrize("scene", ["", "课程17", "a" * 33, "50%"])
def test_a_scene_that_cannot_be_carried_is_refused_here(client: WeChatClient, scene: str) -> None:
    with pytest.raises(ValueError, match="scene"):
        client.mini_program_code(scene, "pages/lesson/lesson")


def test_a_refused_mini_program_code_is_an_error_not_an_image(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.fail("/wxa/getwxacodeunlimit", "errcode", errcode=41030)
    with pytest.raises(errors.WeChatError) as refused:
        client.mini_program_code("c=17", "pages/lesson/lesson")
    assert refused.value.errcode == 41030


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ("老师讲得很清楚", Verdict.PASS),
        ("想了解请加微信", Verdict.REVIEW),
        ("代开发票", Verdict.RISKY),
    ],
)
def test_a_text_gets_an_opinion(
    standin: RunningStandin, client: WeChatClient, content: str, verdict: Verdict
) -> None:
    client.code_to_session(standin.login_code(ALICE))
    assert client.check_text(ALICE, 2, content) is verdict


def test_a_text_of_someone_who_was_not_here_lately_is_not_checked(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.login_code(ALICE)
    with pytest.raises(errors.NotVisited):
        client.check_text(ALICE, 2, "老师讲得很清楚")


def test_the_templates_are_listed_with_their_fields(client: WeChatClient) -> None:
    lesson = {found.template_id: found for found in client.templates()}[LESSON]
    assert lesson.title == "上课提醒"
    assert lesson.fields == {
        "thing1": "课程名称",
        "time2": "上课时间",
        "thing3": "上课地点",
        "thing4": "温馨提示",
    }
    assert not lesson.long_term


@pytest.mark.parametrize(
    ("errcode", "kind", "retryable"),
    [
        (-1, errors.WeChatUnavailable, True),
        (40003, errors.OpenIdInvalid, False),
        (40013, errors.AccountMisconfigured, False),
        (40037, errors.TemplateInvalid, False),
        (40125, errors.AccountMisconfigured, False),
        (40164, errors.AccountMisconfigured, False),
        (43101, errors.NotSubscribed, False),
        (43107, errors.WeChatError, False),
        (43108, errors.ReceiverBusy, True),
        (45009, errors.RateLimited, True),
        (45011, errors.RateLimited, True),
        (45168, errors.WeChatError, False),
        (47003, errors.FieldInvalid, False),
        (99999, errors.WeChatError, False),
    ],
)
def test_each_refusal_has_its_type(
    standin: RunningStandin,
    client: WeChatClient,
    errcode: int,
    kind: type[errors.WeChatError],
    retryable: bool,
) -> None:
    standin.allow(ALICE, LESSON)
    standin.fail(SEND, "errcode", errcode=errcode)
    with pytest.raises(errors.WeChatError) as refused:
        send(client)
    assert type(refused.value) is kind
    assert (refused.value.errcode, refused.value.retryable) == (errcode, retryable)
    assert standin.calls(SEND) == 1
    assert standin.messages(ALICE) == []


def test_blocked_users_are_told_apart_at_sign_in(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.fail(LOGIN, "errcode", errcode=40226)
    with pytest.raises(errors.UserBlocked):
        client.code_to_session(standin.login_code(ALICE))


def test_a_wrong_secret_is_the_operators_to_mend(standin: RunningStandin) -> None:
    client = WeChatClient(
        standin.url, standin.settings.appid, "standin-wrong", tokens=MemoryTokens()
    )
    with pytest.raises(errors.AccountMisconfigured):
        client.templates()
    client.close()


def test_a_daily_limit_differs_from_a_minutes_limit(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.limit("/wxaapi/newtmpl/gettemplate", 1)
    client.templates()
    with pytest.raises(errors.RateLimited) as minute:
        client.templates()
    assert not minute.value.daily
    standin.limit("/wxaapi/newtmpl/gettemplate", None)
    standin.fail("/wxaapi/newtmpl/gettemplate", "errcode", errcode=45009)
    with pytest.raises(errors.RateLimited) as day:
        client.templates()
    assert day.value.daily


def test_a_read_is_tried_twice(standin: RunningStandin, client: WeChatClient) -> None:
    path = "/wxaapi/newtmpl/gettemplate"
    for how in ({"kind": "errcode"}, {"kind": "status"}, {"kind": "reset"}, {"kind": "lost"}):
        standin.fail(path, **how)
        assert client.templates()
    standin.fail(path, "errcode", times=2)
    with pytest.raises(errors.WeChatUnavailable):
        client.templates()
    assert standin.calls(path) == 10


def test_a_login_is_tried_again_only_while_the_code_is_surely_unused(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.fail(LOGIN, "errcode", errcode=-1)
    assert client.code_to_session(standin.login_code(ALICE)).openid == ALICE
    assert standin.calls(LOGIN) == 2
    standin.fail(LOGIN, "lost")
    with pytest.raises(errors.WeChatUnavailable) as lost:
        client.code_to_session(standin.login_code(ALICE))
    assert lost.value.ambiguous
    assert standin.calls(LOGIN) == 3


@pytest.mark.parametrize(
    ("kind", "arrived"), [("status", 0), ("reset", 0), ("lost", 1), ("delay", 1)]
)
def test_a_message_is_never_sent_twice_on_its_own(
    standin: RunningStandin, kind: str, arrived: int
) -> None:
    """The client can't tell these apart, and says so; the outbox decides."""
    hasty = httpx.Client(timeout=httpx.Timeout(0.3), trust_env=False)
    client = standin.client(http=hasty)
    client.templates()
    standin.allow(ALICE, LESSON)
    standin.allow(ALICE, LESSON)
    standin.fail(SEND, kind, seconds=0.6)
    with pytest.raises(errors.WeChatUnavailable) as lost:
        send(client)
    assert lost.value.ambiguous
    assert lost.value.errcode is None
    client.close()
    if kind == "delay":
        wait_until(lambda: len(standin.messages(ALICE)) == 1)
    assert standin.calls(SEND) == 1
    assert len(standin.messages(ALICE)) == arrived


def test_nobody_there_is_known_to_be_unsent(standin: RunningStandin) -> None:
    client = WeChatClient(
        f"http://127.0.0.1:{free_port()}",
        standin.settings.appid,
        standin.settings.secret,
        tokens=MemoryTokens(),
    )
    with pytest.raises(errors.WeChatUnavailable) as gone:
        client.code_to_session("any")
    assert not gone.value.ambiguous
    client.close()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>hotel wifi</html>"),
        httpx.Response(200, json=["not", "an", "object"]),
        httpx.Response(200, json={"errcode": 0}),
        httpx.Response(200, json={"openid": ""}),
        httpx.Response(200, json={"openid": 17}),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_unavailable_wechat(answer: httpx.Response) -> None:
    """What the stand-in would never say: a proxy's page, or a protocol that changed."""
    http = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    client = WeChatClient("http://127.0.0.1", "wx1", "standin", tokens=MemoryTokens(), http=http)
    with pytest.raises(errors.WeChatUnavailable):
        client.code_to_session("any")
    client.close()


def test_a_redirect_is_not_followed() -> None:
    http = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(302, headers={"Location": "/"}))
    )
    client = WeChatClient("http://127.0.0.1", "wx1", "standin", tokens=MemoryTokens(), http=http)
    with pytest.raises(errors.WeChatError, match="302"):
        client.code_to_session("any")
    client.close()


def test_an_expired_token_is_replaced_without_the_caller_noticing(
    standin: RunningStandin, client: WeChatClient
) -> None:
    standin.allow(ALICE, LESSON)
    client.templates()
    standin.expire_token()
    send(client)
    assert len(standin.messages(ALICE)) == 1
    assert (standin.calls(TOKEN), standin.tokens_issued()) == (2, 2)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_refused_twice_is_an_error(
    standin: RunningStandin, client: WeChatClient, errcode: int
) -> None:
    standin.fail(SEND, "errcode", errcode=errcode, times=2)
    with pytest.raises(errors.TokenRejected):
        send(client)
    assert (standin.calls(SEND), standin.calls(TOKEN)) == (2, 2)
