"""The doors of the console: who is signed in, what they may do, the transaction, the audit.

`@staff(...)` stands directly under the route and hands the page `me: SignedInStaff`; with `form`
also `asked`, what the form says. A refusal shows the page the form stands on again (`page`), with
the errors at their fields; without `page`, a page of its own (refusals.py).
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from flask import g, make_response, redirect, request, session, url_for
from limits import parse
from marshmallow import Schema

from admin.blueprint import pages
from admin.forms import Form, read, read_json
from backend import clock
from backend.db import db, transaction, transactional
from backend.errors import NotAllowed, Refusal, SignInExpired, SignInNeeded
from backend.rate_limits import address, spend
from backend.staff import audit, sessions
from backend.staff.access import Permission, SignedInStaff

Page = Callable[..., Any]

COOKIE = "xingfu_staff"
SHOWN_AGAIN = (409, 422)


@pages.before_request
def nobody_yet() -> None:
    """What one request found out is never the next one's: a context can span several."""
    for name in ("me", "form", "language"):
        g.pop(name, None)


def staff(
    *,
    writes: bool = False,
    needs: Permission | None = None,
    form: type[Schema] | None = None,
    body: type[Schema] | None = None,
    page: Page | None = None,
    any_password: bool = False,
    largest: int | None = None,
) -> Callable[[Page], Page]:
    """Sign-in needed; `me` is who.

    `writes`: everything happens in one transaction, which is committed only if the audit was
    written. `needs`: a permission held anywhere; where it reaches is for the services and queries.
    `form`: the schema that reads the post, `body`: one that reads JSON. `page`: the page to show
    again when the post is refused. `any_password`: also open to those who still have to choose a
    password of their own. `largest`: how many bytes a post may have, where photos come in.
    """

    def decorate(view: Page) -> Page:
        def enter(*args: Any, **kwargs: Any) -> Any:
            me = signed_in()
            if needs is not None and not me.holds(needs):
                raise NotAllowed()
            if form is not None:
                kwargs["asked"] = read(form)
            if body is not None:
                kwargs["asked"] = read_json(body)
            return view(*args, me=me, **kwargs)

        inner = audited(enter) if writes else enter

        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            me = signed_in()
            if me.must_change_password and not any_password:
                return redirect(url_for("admin.own_password"))
            return asked(*args, **kwargs)

        asked = inner if page is None else refusable(page)(inner)
        door.sign_in = "staff"  # type: ignore[attr-defined]
        door.writes = writes  # type: ignore[attr-defined]
        door.largest = largest  # type: ignore[attr-defined]
        return door

    return decorate


def public(limit: str | None = None, *, why: str) -> Callable[[Page], Page]:
    """No sign-in, and `why`; with `limit`, so many posts per address."""
    rate = parse(limit) if limit else None

    def decorate(view: Page) -> Page:
        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            g.language = session.get("language")
            if rate is not None and request.method == "POST":
                spend(rate, f"admin.{view.__name__}", address())
            return view(*args, **kwargs)

        door.sign_in = f"public: {why}"  # type: ignore[attr-defined]
        door.writes = False  # type: ignore[attr-defined]
        return door

    return decorate


def refusable(page: Page) -> Callable[[Page], Page]:
    """A post that, when refused, shows `page` again with what was typed and what is wrong."""

    shown = signature(page).parameters  # the page may stand above the post: fewer ids in its path

    def decorate(view: Page) -> Page:
        @wraps(view)
        def asked(*args: Any, **kwargs: Any) -> Any:
            try:
                return view(*args, **kwargs)
            except Refusal as refusal:
                if refusal.status not in SHOWN_AGAIN:
                    raise
                g.form = Form.refused(refusal)
                response = make_response(
                    page(**{name: kwargs[name] for name in kwargs if name in shown})
                )
                response.status_code = refusal.status
                return response

        return asked

    return decorate


def audited(enter: Page) -> Page:
    """In one transaction, that must leave an audit row."""

    def inside(*args: Any, **kwargs: Any) -> Any:
        audit.begin(db.session())
        answer = enter(*args, **kwargs)
        audit.require(db.session())
        return answer

    return transactional(inside)


def signed_in() -> SignedInStaff:
    """Who calls, read once per request. Raises SignInNeeded, SignInExpired."""
    if (known := g.get("me")) is not None:
        return known
    now = clock.now()
    found = sessions.find(db.session(), request.cookies.get(COOKIE), now)
    if found.stale:
        with transaction() as writing:
            sessions.seen(writing, found.me.session_hash, now)
    g.me = found.me
    g.language = found.me.language
    return found.me


def me_or_none() -> SignedInStaff | None:
    """Who is signed in, for the page that signs people in."""
    try:
        return signed_in()
    except (SignInNeeded, SignInExpired):
        return None
