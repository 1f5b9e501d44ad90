"""What the stand-in pushes to the callback of the product."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, request

from backend.wechat import push
from backend.wechat.push import PushKeys
from backend.wechat.standin.settings import APPID, StandinSettings
from tests.standin import RunningStandin, running_standin, serving
from tests.wechat.samples import ALICE, BOOKED, LESSON, send


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
    send(client)
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
