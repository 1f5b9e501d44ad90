"""Pushes events to the product's callback as WeChat does: signed, encrypted, tried three times."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import orjson

from backend.wechat.push import seal, signature
from backend.wechat.standin.settings import StandinSettings

TRIES = 3
ACCOUNT = "gh_standin000001"


@dataclass(slots=True)
class Push:
    """One event and what became of it: tries so far, and whether the callback took it."""

    message: dict[str, Any]
    tries: int = 0
    taken: bool = False
    done: bool = False
    last: str = ""


class Pusher:
    """Sends each event from a thread of its own, because the callback may call us meanwhile."""

    def __init__(self, settings: StandinSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()
        self._http = httpx.Client(timeout=5.0, trust_env=False)
        self.pushes: list[Push] = []

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def popup(self, openid: str, answers: dict[str, str]) -> None:
        """Someone answered the popup: template ids with `accept` or `reject`."""
        items = [
            {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}
            for template, status in answers.items()
        ]
        self._event(openid, "subscribe_msg_popup_event", items)

    def change(self, openid: str, template_id: str) -> None:
        """Someone switched a template off in WeChat's settings."""
        item = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
        self._event(openid, "subscribe_msg_change_event", [item])

    def sent(self, openid: str, template_id: str, msgid: int) -> None:
        """A message reached the phone."""
        item = {
            "TemplateId": template_id,
            "MsgID": str(msgid),
            "ErrorCode": "0",
            "ErrorStatus": "success",
        }
        self._event(openid, "subscribe_msg_sent_event", [item])

    def repeat_last(self) -> None:
        """Push the last event once more, as WeChat does when it missed our answer."""
        if self.pushes:
            self._start(self.pushes[-1].message)

    def _event(self, openid: str, name: str, items: list[dict[str, str]]) -> None:
        self._start(
            {
                "ToUserName": ACCOUNT,
                "FromUserName": openid,
                "CreateTime": str(int(self._now().timestamp())),
                "MsgType": "event",
                "Event": name,
                # One item comes as an object, several as an array: so does WeChat's JSON.
                "List": items[0] if len(items) == 1 else items,
            }
        )

    def _start(self, message: dict[str, Any]) -> None:
        if not self._settings.callback_url:
            return
        push = Push(message)
        with self._lock:
            self.pushes.append(push)
        threading.Thread(target=self._deliver, args=(push,), daemon=True).start()

    def _deliver(self, push: Push) -> None:
        for left in reversed(range(TRIES)):
            push.tries += 1
            push.taken, push.last = self._try(push.message)
            if push.taken:
                break
            if left:
                time.sleep(self._settings.push_retry_seconds)
        push.done = True

    def _try(self, message: dict[str, Any]) -> tuple[bool, str]:
        keys = self._settings.push_keys
        timestamp, nonce = int(self._now().timestamp()), secrets.token_hex(5)
        sealed = seal(keys, orjson.dumps(message).decode(), timestamp, nonce)
        query = {
            "signature": signature(keys.token, str(timestamp), nonce),
            "timestamp": str(timestamp),
            "nonce": nonce,
            "openid": message["FromUserName"],
            "encrypt_type": "aes",
            "msg_signature": sealed["MsgSignature"],
        }
        body = {"ToUserName": ACCOUNT, "Encrypt": sealed["Encrypt"]}
        try:
            answer = self._http.post(self._settings.callback_url, params=query, json=body)
        except httpx.HTTPError as error:
            return False, type(error).__name__
        taken = answer.status_code == 200 and answer.text.strip() in ("", "success")
        return taken, f"HTTP {answer.status_code}"
