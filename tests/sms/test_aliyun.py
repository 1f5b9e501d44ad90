"""Alibaba Cloud's service: the signature of their worked example, and what goes over the wire."""

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from flask import Flask, Response, request

from backend.sms.aliyun import AliyunSms, authorization, canonical_query
from backend.sms.errors import SmsFailed
from tests.standin import free_port, serving

NOTHING = hashlib.sha256(b"").hexdigest()


def test_the_signature_of_the_documented_example() -> None:
    """From "V3 request structure and signature mechanism": ECS RunInstances, fixed inputs."""
    query = canonical_query(
        {
            "RegionId": "cn-shanghai",
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        }
    )
    headers = {
        "x-acs-version": "2014-05-26",
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": NOTHING,
    }
    assert authorization("YourAccessKeyId", "YourAccessKeySecret", "POST", query, headers) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_names_and_values_are_encoded_as_rfc_3986_says() -> None:
    assert canonical_query({"b": "a b*c~d/e", "A": "验"}) == "A=%E9%AA%8C&b=a%20b%2Ac~d%2Fe"


class Servers:
    """What the provider's servers saw, and what they answer."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.answer = Response(json.dumps({"Code": "OK", "Message": "OK", "BizId": "9^0"}))

    def app(self) -> Flask:
        app = Flask("aliyun")

        @app.post("/")
        def send() -> Response:
            self.seen.append({"query": request.environ["QUERY_STRING"], **_lower(request.headers)})
            return self.answer

        return app


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture
def servers() -> Servers:
    return Servers()


@pytest.fixture
def aliyun(servers: Servers) -> Iterator[AliyunSms]:
    with serving(servers.app()) as url:
        client = AliyunSms("id", "secret", "幸福区", "SMS_1", base_url=url)
        yield client
        client.close()


def test_what_is_sent_is_what_was_signed(servers: Servers, aliyun: AliyunSms) -> None:
    aliyun.send_code("13812345678", "012345", 5)
    [seen] = servers.seen
    assert {name: value[0] for name, value in parse_qs(seen["query"]).items()} == {
        "PhoneNumbers": "13812345678",
        "SignName": "幸福区",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"code": "012345"}',
    }
    signed = {name: seen[name] for name in seen if name.startswith("x-acs-") or name == "host"}
    assert signed["x-acs-action"] == "SendSms"
    assert signed["x-acs-version"] == "2017-05-25"
    assert seen["authorization"] == authorization("id", "secret", "POST", seen["query"], signed)


def test_a_number_abroad_goes_without_its_plus(servers: Servers, aliyun: AliyunSms) -> None:
    aliyun.send_code("+85291234567", "012345", 5)
    assert parse_qs(servers.seen[0]["query"])["PhoneNumbers"] == ["85291234567"]


@pytest.mark.parametrize(
    ("body", "status", "ambiguous"),
    [
        ('{"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "…"}', 200, False),
        ('{"Code": "SignatureDoesNotMatch", "Message": "…"}', 400, False),
        ("<html>Bad Gateway</html>", 502, True),
        ("[]", 200, True),
    ],
)
def test_what_is_not_ok_has_failed(
    servers: Servers, aliyun: AliyunSms, body: str, status: int, ambiguous: bool
) -> None:
    servers.answer = Response(body, status)
    with pytest.raises(SmsFailed) as failed:
        aliyun.send_code("13812345678", "012345", 5)
    assert failed.value.ambiguous is ambiguous
    assert len(servers.seen) == 1, "a second message would cost twice"


def test_nobody_there_has_certainly_not_sent() -> None:
    client = AliyunSms("id", "secret", "s", "t", base_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SmsFailed) as failed:
        client.send_code("13812345678", "012345", 5)
    assert not failed.value.ambiguous
    client.close()
