"""The client against the stand-in: what each call gives, and what each refusal becomes."""

import logging

import pytest

from backend.wechat import errors
from backend.wechat.client import Verdict, WeChatClient, WeChatSession
from backend.wechat.fields import FieldProblem
from backend.wechat.standin.settings import StandinSettings
from tests.standin import SEND, RunningStandin, running_standin
from tests.wechat.samples import ALICE, LESSON, TEXTS, send


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
    assert message["data"] == TEXTS
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
        client.send_subscribe_message(ALICE, "no-such-template", "pages/index", TEXTS, "zh_CN")


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
