"""The client when WeChat refuses, stalls, breaks off or talks nonsense."""

import httpx
import pytest

from backend.wechat import errors
from backend.wechat.client import WeChatClient
from backend.wechat.tokens import MemoryTokens
from tests.standin import LOGIN, SEND, TOKEN, RunningStandin, free_port, wait_until
from tests.wechat.samples import ALICE, LESSON, send


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
