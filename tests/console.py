"""A client of the console: signs staff in and sends the CSRF token with every post."""

import re
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.doors import COOKIE
from backend import clock
from backend.db import db
from backend.staff import sessions
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff


class Console:
    """`console.as_(staff).get("/people")`; paths are below /admin."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()
        self._token: tuple[str, str] | None = None

    def as_(self, someone: Staff) -> "Console":
        """Another browser, in which `someone` is signed in."""
        other = Console(self.app)
        token = sessions.start(db.session(), someone.id, "Test", clock.now())
        db.session.commit()
        other.http.set_cookie(COOKIE, token, path="/admin")
        return other

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        _another_request()
        return self.http.get("/admin" + path, **kwargs)

    def post(
        self, path: str, form: Any = None, *, csrf: bool = True, **kwargs: Any
    ) -> TestResponse:
        headers = dict(kwargs.pop("headers", {}))
        if csrf:
            headers["X-CSRFToken"] = self.token()
        _another_request()
        if "json" not in kwargs:
            kwargs["data"] = form or {}
        return self.http.post("/admin" + path, headers=headers, **kwargs)

    def token(self) -> str:
        """The CSRF token of this browser, from a page that everybody may see.

        It goes with the session's cookie, and is looked for anew when that is another.
        """
        if self._token is None or self._token[0] != self._session():
            page = self.get("/account/password").text
            if not (found := re.search(r'"X-CSRFToken": "([^"]+)"', page)):
                page = self.get("/sign-in").text
                found = re.search(r'"X-CSRFToken": "([^"]+)"', page)
            assert found, "the page has no CSRF token"
            self._token = self._session(), found[1]
        return self._token[1]

    def _session(self) -> str:
        cookie = self.http.get_cookie("session")
        return cookie.value if cookie else ""


def _another_request() -> None:
    """Flask-WTF keeps the token on the context, which all requests of a test share."""
    if has_app_context():
        for name in ("csrf_token", "csrf_valid"):
            g.pop(name, None)


def text_of(response: TestResponse) -> str:
    """What a reader sees: the page without its markup."""
    body = re.sub(r"<(script|style|svg|template).*?</\1>", " ", response.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def me_of(someone: Staff) -> SignedInStaff:
    """What the door hands a page for them."""
    token = sessions.start(db.session(), someone.id, None, clock.now())
    me = sessions.find(db.session(), token, clock.now()).me
    db.session.commit()
    return me
