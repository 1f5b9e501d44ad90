"""The doors people use, over HTTP: a resident's phone, a clerk's console; and the commands."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx

from admin.doors import COOKIE
from backend import clock
from tests.server import ROOT
from tests.standin import RunningStandin

AWAY = timedelta(minutes=100)
"""Somewhat less than STAFF_IDLE_MINUTES."""


def xingfu(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """`xingfu …` as an operator runs it."""
    return subprocess.Popen(
        [sys.executable, "-c", "from backend.cli import main; main()", *arguments],
        cwd=ROOT, env=os.environ | env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


class Phone:
    """What the resident's client does, over HTTP."""

    def __init__(self, base: str, token: str = "", http: httpx.Client | None = None) -> None:
        self.http = http or httpx.Client(base_url=f"{base}/mp/v1", trust_env=False)
        self.token = token

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """One request, whatever the answer is."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.http.request(method, path, json=body, headers=headers, timeout=30)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The data of an answer that is no refusal."""
        answer = self.send(method, path, body, **headers).json()
        assert answer["errcode"] == 0, (path, answer)
        return answer["data"]

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        return self.call("POST", path, {} if body is None else body, **headers)

    def sign_in(self, standin: RunningStandin, openid: str, number: str) -> int:
        """By WeChat's code, then the number it has verified; who one is."""
        self.token = self.post("/auth/login", {"code": standin.login_code(openid)})["token"]
        bound = self.post("/auth/phone", {"code": standin.phone_code(number, openid)})
        return int(bound["person_id"])


class Clerk:
    """Somebody at the console, in a browser that has no scripts: pages, forms, what they say."""

    def __init__(self, base: str, username: str, password: str) -> None:
        self.http = httpx.Client(
            base_url=f"{base}/admin", trust_env=False, follow_redirects=True, timeout=30
        )
        self._who = {"username": username, "password": password}
        self._token = ""
        self.seen: datetime | None = None

    def __enter__(self) -> "Clerk":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def sign_in(self) -> None:
        """By the form."""
        self.http.cookies.clear()
        self.get("/sign-in")
        page = self.post("/sign-in", self._who)
        assert page.url.path != "/admin/sign-in", says(page)

    def is_signed_in(self) -> bool:
        """Whether the console still knows them: it forgets who has been away for a while."""
        return self.seen is not None and abs(clock.now() - self.seen) < AWAY

    @property
    def cookie(self) -> str:
        """What another browser needs to be this one."""
        return self.http.cookies[COOKIE]

    def get(self, path: str) -> httpx.Response:
        page = self._kept(self.http.get(path))
        assert page.status_code == 200, says(page)
        return page

    def post(self, path: str, form: object = None, **files: bytes) -> httpx.Response:
        """The page that follows, refused or not."""
        sent = {"X-CSRFToken": self._token}
        return self._kept(self.http.post(path, data=form or {}, headers=sent, files=files or None))

    def tell(
        self, path: str, form: object = None, body: object = None, **files: bytes
    ) -> httpx.Response:
        """What a page's script sends and is answered, refused or not."""
        sent = {"X-CSRFToken": self._token, "Accept": "application/json"}
        return self.http.post(path, data=form, json=body, headers=sent, files=files or None)

    def _kept(self, page: httpx.Response) -> httpx.Response:
        """The page; its token goes with the next post."""
        self.seen = clock.now()
        if found := re.search(r'"X-CSRFToken": "([^"]+)"', page.text):
            self._token = found[1]
        return page

    def does(self, path: str, form: object = None) -> str:
        """The same where nothing speaks against it; what the page says."""
        page = self.post(path, form)
        assert page.status_code == 200, says(page)
        return says(page)


def hidden(page: httpx.Response, name: str) -> list[str]:
    """What a form carries along under a name."""
    return [unescape(one) for one in re.findall(rf'name="{name}" value="([^"]*)"', page.text)]


def says(page: httpx.Response) -> str:
    """What a reader sees: the page without its markup."""
    body = re.sub(r"<(script|style|svg|template).*?</\1>", " ", page.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
