"""A running stand-in of WeChat's servers for tests: real HTTP over loopback, from a thread."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.wechat.client import WeChatClient
from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import StandinSettings
from backend.wechat.standin.world import World
from backend.wechat.tokens import MemoryTokens, Tokens

SEND = "/cgi-bin/message/subscribe/send"
LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"


class RunningStandin:
    """The stand-in at `url`, with what a person or a phone would do as methods."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world
        self.settings = world.settings
        self._http = httpx.Client(base_url=url, trust_env=False)

    def close(self) -> None:
        self._http.close()
        self.world.pusher.close()

    def client(self, tokens: Tokens | None = None, **options: Any) -> WeChatClient:
        """A client of the product that talks to this stand-in."""
        return WeChatClient(
            self.url,
            self.settings.appid,
            self.settings.secret,
            tokens=tokens or MemoryTokens(),
            **options,
        )

    def login_code(self, openid: str) -> str:
        return str(self._post("login-code", openid=openid)["code"])

    def phone_code(self, phone: str = "", openid: str = "") -> str:
        return str(self._post("phone-code", openid=openid, phone=phone)["code"])

    def allow(self, openid: str, *template_ids: str) -> None:
        """Tap "allow" in the popup for these templates."""
        self.popup(openid, dict.fromkeys(template_ids, "accept"))

    def popup(self, openid: str, answers: dict[str, str]) -> None:
        self._post("popup", openid=openid, answers=answers)

    def switch_off(self, openid: str, template_id: str) -> None:
        self._post("switch-off", openid=openid, template_id=template_id)

    def messages(self, openid: str | None = None) -> list[dict[str, Any]]:
        found = self._get("messages", {"openid": openid} if openid else {})["messages"]
        assert isinstance(found, list)
        return found

    def texts(self, phone: str) -> list[str]:
        """The text messages at a number, oldest first."""
        return [text["text"] for text in self._get("texts", {"phone": phone})["texts"]]

    def grants(self, openid: str) -> dict[str, int]:
        found = self._get("grants", {"openid": openid})["grants"]
        assert isinstance(found, dict)
        return found

    def fail(self, path: str, kind: str, **how: Any) -> None:
        """Switch a fault on; see backend/wechat/standin/faults.py."""
        self._post("faults", path=path, kind=kind, **how)

    def limit(self, path: str, per_minute: int | None) -> None:
        self._post("rate-limit", path=path, per_minute=per_minute)

    def expire_token(self) -> None:
        self._post("expire-token")

    def calls(self, path: str) -> int:
        return int(self._get("calls", {})["calls"].get(path, 0))

    def tokens_issued(self) -> int:
        return int(self._get("calls", {})["tokens_issued"])

    def pushes(self, count: int) -> list[dict[str, Any]]:
        """The pushes so far, once at least `count` of them are done with."""

        def pushes() -> list[dict[str, Any]]:
            return list(self._get("pushes", {})["pushes"])

        wait_until(lambda: sum(push["done"] for push in pushes()) >= count)
        return pushes()

    def repeat_push(self) -> None:
        self._post("repeat-push")

    def reset(self) -> None:
        """Forget everything that was sent and switched."""
        self._post("reset")

    def _post(self, name: str, **body: Any) -> dict[str, Any]:
        return self._read(self._http.post(f"/_test/{name}", json=body))

    def _get(self, name: str, query: dict[str, str]) -> dict[str, Any]:
        return self._read(self._http.get(f"/_test/{name}", params=query))

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        answer = response.json()
        assert answer["errcode"] == 0, answer
        assert isinstance(answer, dict)
        return answer


class _Quiet(WSGIRequestHandler):
    """Keeps the server's own lines out of the logs under test."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve a WSGI application on a free loopback port, a thread each; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running_standin(settings: StandinSettings | None = None) -> Iterator[RunningStandin]:
    """A stand-in of its own, served until the block ends."""
    app = create_standin(settings or StandinSettings(app_env="test"))
    with serving(app) as url:
        standin = RunningStandin(url, app.extensions["standin"])
        try:
            yield standin
        finally:
            standin.close()


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again until `true`; fails after `seconds`, generous for crowded machines."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
