"""The doors of the API: sign-in, transaction, rate limit, idempotency, caching.

`@resident()` stands directly under the route and hands the view `me`; `@public(...)` guards a door
without sign-in. A view in between reads as what the call is.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request
from limits import RateLimitItem, parse

from backend import clock, config
from backend.db import db, reading, transactional
from backend.errors import Invalid, SignInNeeded
from backend.people import queries as people
from backend.people.queries import Resident
from backend.people.tokens import token_hash
from backend.rate_limits import address, spend
from miniprogram_api import envelope, front
from miniprogram_api.blueprint import documented

View = Callable[..., Any]

READS = "240/minute"
WRITES = "60/minute"


def resident(
    *, writes: bool = False, one_write: bool = False, limit: str | None = None
) -> Callable[[View], View]:
    """Sign-in needed; `me` is who. With `writes` everything happens in one transaction.

    `one_write` says that it writes with one statement only (see `transaction`).
    """
    allowed = limit or (WRITES if writes else READS)
    rate = parse(allowed)

    def decorate(view: View) -> View:
        name = f"{view.__module__}.{view.__name__}"

        def enter_reading(*args: Any, **kwargs: Any) -> Any:
            reading()
            return enter(*args, **kwargs)

        def enter(*args: Any, **kwargs: Any) -> Any:
            me = signed_in()
            count(rate, name, me, request.environ)
            return view(*args, me=me, **kwargs)

        inner = transactional(enter, one_write=one_write) if writes else enter_reading

        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            request.get_data()  # a slow phone must not hold a transaction while it sends
            return inner(*args, **kwargs)

        door.sign_in = "resident"  # type: ignore[attr-defined]
        return documented(door, door={"signed_in": True, "limit": f"{allowed} per account"})

    return decorate


def public(limit: str | None = None, *, why: str) -> Callable[[View], View]:
    """No sign-in, and `why`; with `limit`, so many calls per address."""
    rate = parse(limit) if limit else None

    def decorate(view: View) -> View:
        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            if rate is not None:
                spend(rate, f"{view.__module__}.{view.__name__}", address())
            return view(*args, **kwargs)

        door.sign_in = f"public: {why}"  # type: ignore[attr-defined]
        told = f"{limit} per address" if limit else None
        return documented(door, door={"why": why, "limit": told})

    return decorate


def bearer() -> str:
    """The token that came with the call. Raises SignInNeeded."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded()
    return token.strip()


def signed_in() -> Resident:
    """Who calls: one indexed read. Raises SignInNeeded, SignInExpired."""
    return people.by_token(db.session(), token_hash(bearer()), clock.now())


def count(rate: RateLimitItem, door: str, me: Resident, call: dict[str, Any]) -> None:
    """Count `call` (its environ) against the account's limit, once however often it is tried."""
    if not call.get("xingfu.counted"):
        spend(rate, door, str(me.account_id))
        call["xingfu.counted"] = True


def idempotency() -> dict[str, str | None]:
    """The call's Idempotency-Key and a hash of what it asks. Raises Invalid for a bad key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return {"idempotency_key": None, "idempotency_hash": None}
    if not 1 <= len(key) <= 64 or not key.isascii() or not key.isprintable():
        raise Invalid({"Idempotency-Key": ["1-64 visible ASCII characters"]})
    asked = b" ".join((request.method.encode(), request.path.encode(), request.get_data()))
    return {"idempotency_key": key, "idempotency_hash": hashlib.sha256(asked).hexdigest()[:32]}


def with_etag(body: bytes, content_type: str) -> Response:
    """`body` with its ETag; 304 where the client has it already."""
    response = Response(body, content_type=content_type)
    response.set_etag(front.etag_of(body))
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


def cached(
    key: tuple[Any, ...], read: Callable[[], Any], *, together: Callable[[], Any] | None = None
) -> Response:
    """A public read, kept `LIST_SECONDS` per worker under what was asked, with its ETag.

    One thread of a worker reads; whoever asks the same meanwhile waits for that answer. Where it
    can be had `together` with what others ask, that goes before `read`, unless it gives None.
    """

    def make() -> bytes:
        found = together and together()
        return envelope.body(_alone(read) if found is None else found)

    made = front.current().read(
        front.address(request.environ), key, make, config.current().list_seconds
    )
    return Response(*made.to(request.headers.get("If-None-Match", "")))


def _alone(read: Callable[[], Any]) -> Any:
    reading()
    return read()
