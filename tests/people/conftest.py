"""A phone at both ends: the stand-in that receives, and the steps of signing in with it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from backend.sms.plain import PlainSms
from tests.api import ApiClient
from tests.factories import Signed
from tests.standin import RunningStandin, running_standin

PHONE = "13812345678"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningStandin]:
    with running_standin() as standin:
        yield standin


@pytest.fixture
def standin(app: Flask, running: RunningStandin) -> Iterator[RunningStandin]:
    """The stand-in of WeChat and of an SMS provider, and the application talking to both."""
    running.reset()
    app.extensions["wechat"], app.extensions["sms"] = running.client(), PlainSms(running.url)
    yield running
    for name in ("wechat", "sms"):
        app.extensions.pop(name).close()


class Phone:
    """A phone in somebody's hand."""

    def __init__(self, api: ApiClient, standin: RunningStandin, number: str = PHONE) -> None:
        self.api, self.standin, self.number = api, standin, number

    def ask(self, **kwargs: Any):
        """Ask for a code."""
        return self.api.post("/auth/sms-codes", {"phone": self.number}, **kwargs)

    def code(self) -> str:
        """The six digits of the last text."""
        found = re.findall(r"验证码(\d{6})，", self.standin.texts(self.number)[-1])
        return found[0]

    def type(self, code: str):
        """Type a code."""
        return self.api.post("/auth/sms-login", {"phone": self.number, "code": code})

    def sign_in(self) -> dict[str, Any]:
        """The whole way, as far as it is a good one."""
        assert self.ask().status_code == 200
        return self.type(self.code()).json["data"]

    def bind(self, token: str) -> dict[str, Any]:
        """Prove the phone in WeChat."""
        code = self.standin.phone_code(self.number)
        return self.api.post("/auth/phone", {"code": code}, as_=token).json["data"]


@pytest.fixture
def phone(api: ApiClient, standin: RunningStandin) -> Phone:
    return Phone(api, standin)


@pytest.fixture
def wechat_sign_in(api: ApiClient, standin: RunningStandin):
    """Sign in with WeChat as an openid; what was answered."""

    def sign_in(openid: str = "o-wechat-1") -> dict[str, Any]:
        code = standin.login_code(openid)
        return api.post("/auth/login", {"code": code}).json["data"]

    return sign_in


def enrol(
    api: ApiClient, run: Any, who: Signed | str, person_id: int, *, wait: bool = False
) -> int:
    """Sign somebody up; the booking's id."""
    token = who if isinstance(who, str) else who.token
    return api.post(
        f"/night-school/runs/{run.id}/enrolments",
        {"person_id": person_id, "wait": wait},
        as_=token,
    ).json["data"]["booking_id"]
