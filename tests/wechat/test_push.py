"""Message push: WeChat's own vectors, what must be refused, and events in all their shapes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from backend.wechat import push
from backend.wechat.push import MessageSent, PopupAnswered, PushKeys, PushRefused, SettingChanged

APPID = "wxba5fad812f8e6fb9"
SECURE = PushKeys("AAAAA", "A" * 43, APPID)
PLAIN = PushKeys("AAAAA", "", APPID)

SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJG"
    "QqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrf"
    "MZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgR"
    "tWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
SECURE_QUERY = {
    "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
    "timestamp": "1714112445",
    "nonce": "415670741",
    "openid": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
SECURE_BODY = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": SEALED}).encode()


def at(timestamp: int, seconds_later: int = 0) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC) + timedelta(seconds=seconds_later)


def url_query(**changed: str) -> dict[str, str]:
    return {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    } | changed


def test_the_address_check_answers_with_the_echo() -> None:
    assert push.check_url(SECURE, url_query(), at(1714036504)) == "4375120948345356249"


@pytest.mark.parametrize(
    "changed", [{"signature": ""}, {"nonce": "1"}, {"timestamp": "1714036505"}, {"signature": "ü"}]
)
def test_a_forged_address_check_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(PushRefused, match="signature"):
        push.check_url(SECURE, url_query(**changed), at(1714036504))


def test_an_empty_query_is_refused() -> None:
    with pytest.raises(PushRefused):
        push.check_url(SECURE, {}, at(1714036504))


@pytest.mark.parametrize(
    ("seconds", "fresh"), [(600, True), (-600, True), (601, False), (-601, False)]
)
def test_the_timestamp_may_be_ten_minutes_off(seconds: int, fresh: bool) -> None:
    if fresh:
        assert push.check_url(SECURE, url_query(), at(1714036504, seconds))
    else:
        with pytest.raises(PushRefused, match="old"):
            push.check_url(SECURE, url_query(), at(1714036504, seconds))


def test_a_plain_push_is_read() -> None:
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    body = b'{"MsgType":"event","Event":"debug_demo"}'
    assert push.open_message(PLAIN, query, body, at(1714037059))["Event"] == "debug_demo"
    with pytest.raises(PushRefused, match="signature"):
        push.open_message(PLAIN, query | {"nonce": "1"}, body, at(1714037059))


def test_a_secure_push_is_verified_and_decrypted() -> None:
    assert push.open_message(SECURE, SECURE_QUERY, SECURE_BODY, at(1714112445)) == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }


def test_the_vectors_of_both_signatures() -> None:
    assert push.signature("AAAAA", "1714112445", "415670741") == SECURE_QUERY["signature"]
    assert (
        push.signature("AAAAA", "1714112445", "415670741", SEALED)
        == (SECURE_QUERY["msg_signature"])
    )


def test_a_reply_is_sealed_as_in_wechats_example() -> None:
    sealed = push.seal(
        SECURE, '{"demo_resp":"good luck"}', 1713424427, "415670741", b"707722b803182950"
    )
    assert sealed == {
        "Encrypt": "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVH"
        "m48Y4hyRbtzve1L32tmxSQ==",
        "MsgSignature": "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        "TimeStamp": 1713424427,
        "Nonce": "415670741",
    }


def test_in_compatible_mode_only_the_encrypted_part_counts() -> None:
    body = json.loads(SECURE_BODY) | {"Event": "forged", "FromUserName": "somebody-else"}
    message = push.open_message(SECURE, SECURE_QUERY, json.dumps(body).encode(), at(1714112445))
    assert (message["Event"], message["FromUserName"]) == (
        "debug_demo",
        "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
    )


def test_with_a_key_configured_a_plain_push_is_refused() -> None:
    body = b'{"MsgType":"event","Event":"debug_demo"}'
    with pytest.raises(PushRefused, match="not encrypted"):
        push.open_message(SECURE, SECURE_QUERY, body, at(1714112445))


def test_the_plain_signature_does_not_open_a_secure_push() -> None:
    query = SECURE_QUERY | {"msg_signature": SECURE_QUERY["signature"]}
    with pytest.raises(PushRefused, match="signature"):
        push.open_message(SECURE, query, SECURE_BODY, at(1714112445))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"null", b"{", b'{"Encrypt":7}'])
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(PushRefused):
        push.open_message(SECURE, SECURE_QUERY, body, at(1714112445))


def secure_push(encrypted: str) -> tuple[dict[str, str], bytes]:
    """A rightly signed push of an encrypted text."""
    query = {"timestamp": "1714112445", "nonce": "1"}
    query["msg_signature"] = push.signature("AAAAA", "1714112445", "1", encrypted)
    return query, json.dumps({"Encrypt": encrypted}).encode()


@pytest.mark.parametrize("encrypted", ["", "AAAA", "not base64!", SEALED[:-44], "A" * 43 + "="])
def test_an_encrypted_part_that_was_damaged_is_refused(encrypted: str) -> None:
    query, body = secure_push(encrypted)
    with pytest.raises(PushRefused):
        push.open_message(SECURE, query, body, at(1714112445))


def test_a_message_for_another_app_is_refused() -> None:
    query, body = secure_push(push.encrypt(SECURE.key, "{}", "wx-other", bytes(16)))
    with pytest.raises(PushRefused, match="appid"):
        push.open_message(SECURE, query, body, at(1714112445))


def test_a_message_under_another_key_is_refused() -> None:
    query, body = secure_push(push.encrypt(b"k" * 32, "{}", APPID, bytes(16)))
    with pytest.raises(PushRefused):
        push.open_message(SECURE, query, body, at(1714112445))


@pytest.mark.parametrize("length", range(70))
def test_every_length_survives_the_padding(length: int) -> None:
    text = json.dumps({"t": "字" * length}, ensure_ascii=False)
    sealed = push.encrypt(SECURE.key, text, APPID, bytes(16))
    assert push.decrypt(SECURE.key, sealed) == (text.encode(), APPID)


def event(name: str, listed: object, **changed: object) -> dict[str, object]:
    return {
        "ToUserName": "gh_1",
        "FromUserName": "o-alice",
        "CreateTime": "1610969440",
        "MsgType": "event",
        "Event": name,
        "List": listed,
    } | changed


POPUP = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}


@pytest.mark.parametrize("created", ["1610969440", 1610969440])
@pytest.mark.parametrize("listed", [POPUP, [POPUP]], ids=["object", "array"])
def test_a_popup_event_reads_the_same_in_every_shape(created: object, listed: object) -> None:
    (answered,) = push.events(event("subscribe_msg_popup_event", listed, CreateTime=created))
    (again,) = push.events(event("subscribe_msg_popup_event", POPUP))
    assert answered == again
    assert isinstance(answered, PopupAnswered)
    assert (answered.openid, answered.template_id, answered.status) == ("o-alice", "T1", "accept")
    assert answered.created_at == at(1610969440)


def test_several_templates_are_several_events_with_keys_of_their_own() -> None:
    other = POPUP | {"TemplateId": "T2", "SubscribeStatusString": "reject"}
    first, second = push.events(event("subscribe_msg_popup_event", [POPUP, other]))
    assert [first.template_id, second.template_id] == ["T1", "T2"]
    assert [first.status, second.status] == ["accept", "reject"]
    assert first.key != second.key


@pytest.mark.parametrize("changed", [{"FromUserName": "o-bob"}, {"CreateTime": 1610969441}])
def test_another_person_or_moment_is_another_key(changed: dict[str, object]) -> None:
    (one,) = push.events(event("subscribe_msg_popup_event", POPUP))
    (other,) = push.events(event("subscribe_msg_popup_event", POPUP, **changed))
    assert one.key != other.key


def test_a_change_event_is_read() -> None:
    item = {"TemplateId": "T1", "SubscribeStatusString": "reject"}
    (changed,) = push.events(event("subscribe_msg_change_event", item))
    assert isinstance(changed, SettingChanged)
    assert changed.status == "reject"


def test_a_sent_event_is_read() -> None:
    item = {
        "TemplateId": "T1",
        "MsgID": "1864323726461255680",
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    (sent,) = push.events(event("subscribe_msg_sent_event", item))
    assert isinstance(sent, MessageSent)
    assert (sent.msgid, sent.errcode, sent.status) == ("1864323726461255680", 0, "success")


def test_other_messages_hold_no_events() -> None:
    assert push.events({"MsgType": "text", "Content": "你好"}) == []
    assert push.events(event("debug_demo", None)) == []
    assert push.events({}) == []


@pytest.mark.parametrize(
    "message",
    [
        event("subscribe_msg_popup_event", None),
        event("subscribe_msg_popup_event", ["T1"]),
        event("subscribe_msg_popup_event", {"TemplateId": "T1"}),
        event("subscribe_msg_popup_event", POPUP | {"TemplateId": ""}),
        event("subscribe_msg_popup_event", POPUP | {"TemplateId": ["T1"]}),
        event("subscribe_msg_popup_event", POPUP, CreateTime="soon"),
        event("subscribe_msg_popup_event", POPUP, CreateTime=-1),
        event("subscribe_msg_popup_event", POPUP, CreateTime="9" * 30),
        event("subscribe_msg_popup_event", POPUP, CreateTime=True),
        event("subscribe_msg_popup_event", POPUP, FromUserName=None),
        event("subscribe_msg_sent_event", {"TemplateId": "T1", "MsgID": "1", "ErrorCode": "fine"}),
    ],
)
def test_an_event_without_what_it_must_have_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(PushRefused):
        push.events(message)
