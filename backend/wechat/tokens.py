"""The access token every call needs: kept once, shared by all processes, fetched by one of them.

WeChat hands out the same token to everybody who asks (`stable_token`), so asking twice is
harmless but counted. A row in the database is therefore the shared copy, and a lease on that row,
taken by conditional update, decides who asks. No connection is held while WeChat is asked.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flask import Flask, has_app_context
from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from backend import clock
from backend.db import db, transaction
from backend.people.crypto import DecryptionFailed
from backend.wechat.models import WeChatAccessToken

MARGIN = timedelta(seconds=120)  # a token this close to its end is no longer handed out
LEASE = timedelta(seconds=15)  # longer than the client's own timeouts for one fetch
WAIT = 4.0  # seconds to wait for another's fetch before asking WeChat oneself
POLL = 0.05  # seconds between looks at the row while waiting


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the moment it ends; `version` tells this one from its successors."""

    value: str
    expires_at: datetime
    version: int = 0


Fetch = Callable[[], AccessToken]


class Tokens(Protocol):
    """Where a client keeps its access token."""

    def get(self, fetch: Fetch) -> AccessToken:
        """The token to use now; `fetch` asks WeChat and is called only if nobody has one."""

    def drop(self, token: AccessToken) -> None:
        """WeChat refused `token`: hand it out no more, unless it has been replaced already."""


class MemoryTokens:
    """The token of one process, for tests and load drivers."""

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._held: AccessToken | None = None

    def get(self, fetch: Fetch) -> AccessToken:
        """The held token, or a new one that only one thread fetches."""
        held = self._held
        if held is not None and self._usable(held):
            return held
        with self._lock:
            held = self._held
            if held is None or not self._usable(held):
                held = self._held = self._obtain(fetch)
            return held

    def drop(self, token: AccessToken) -> None:
        """Forget `token` if it is still the held one."""
        with self._lock:
            if self._held == token:
                self._held = None

    def _obtain(self, fetch: Fetch) -> AccessToken:
        return fetch()

    def _usable(self, token: AccessToken) -> bool:
        return self._now() < token.expires_at - MARGIN


class DatabaseTokens(MemoryTokens):
    """The token of a deployment: one row, and a copy in each process.

    Works from any thread: each look at the row has an application context, hence a session and a
    transaction, of its own. Calling it inside a transaction raises RuntimeError, because that
    transaction would be held open while WeChat answers.
    """

    def __init__(self, app: Flask, appid: str, now: Callable[[], datetime] = clock.now) -> None:
        super().__init__(now)
        self._app = app
        self._appid = appid

    def get(self, fetch: Fetch) -> AccessToken:
        """The held token, the row's, or a new one that only one process fetches."""
        if has_app_context() and db.session().info.get("open"):
            raise RuntimeError("WeChat is not called inside a transaction")
        return super().get(fetch)

    def drop(self, token: AccessToken) -> None:
        """Forget `token` here and in the row, if it is still the one that stands there."""
        super().drop(token)
        with self._app.app_context(), transaction() as session:
            session.execute(
                update(WeChatAccessToken)
                .where(
                    WeChatAccessToken.appid == self._appid,
                    WeChatAccessToken.version == token.version,
                )
                .values(token=None, expires_at=None)
            )

    def _obtain(self, fetch: Fetch) -> AccessToken:
        holder = secrets.token_hex(8)
        give_up = clock.monotonic() + WAIT
        while True:
            token, version = self._read()
            if token is not None and self._usable(token):
                return token
            if self._take_lease(holder, version):
                return self._fetch_for_all(fetch, holder)
            if clock.monotonic() > give_up:
                # Whoever holds the lease is slow or dead; asking WeChat twice does no harm.
                return fetch()
            time.sleep(POLL)

    def _fetch_for_all(self, fetch: Fetch, holder: str) -> AccessToken:
        try:
            token = fetch()
        except BaseException:
            self._write(holder, {})
            raise
        version = self._write(holder, {"token": token.value, "expires_at": token.expires_at})
        return AccessToken(token.value, token.expires_at, version)

    def _read(self) -> tuple[AccessToken | None, int]:
        """The row's token, if it has one that can be read, and the row's version."""
        mine = WeChatAccessToken.appid == self._appid
        version = select(WeChatAccessToken.version).where(mine)
        token = version.add_columns(WeChatAccessToken.token, WeChatAccessToken.expires_at)
        with self._app.app_context():
            try:
                row = db.session.execute(token).one_or_none()
            except DecryptionFailed:  # its key was dropped from the settings: as good as no token
                return None, db.session.execute(version).scalar_one()
        if row is None:
            return None, 0
        if row.token is None or row.expires_at is None:
            return None, row.version
        return AccessToken(row.token, row.expires_at, row.version), row.version

    def _take_lease(self, holder: str, version: int) -> bool:
        """Whether we are the one to fetch.

        Not if the row has moved on from the `version` we read: somebody fetched in between.
        """
        now = self._now()
        lease = {"lease_holder": holder, "lease_until": now + LEASE}
        free = or_(WeChatAccessToken.lease_until.is_(None), WeChatAccessToken.lease_until <= now)
        claim = (
            update(WeChatAccessToken)
            .where(
                WeChatAccessToken.appid == self._appid,
                WeChatAccessToken.version == version,
                free,
            )
            .values(lease)
            .returning(WeChatAccessToken.version)
        )
        with self._app.app_context():
            with transaction() as session:
                if session.execute(claim).one_or_none() is not None:
                    return True
                row = select(WeChatAccessToken.appid).where(WeChatAccessToken.appid == self._appid)
                if session.execute(row).one_or_none() is not None:
                    return False
            try:
                with transaction() as session:
                    session.execute(
                        insert(WeChatAccessToken).values(appid=self._appid, version=0, **lease)
                    )
            except IntegrityError:
                return False  # another process made the very first row a moment earlier
            return True

    def _write(self, holder: str, values: dict[str, object]) -> int:
        """Give the lease back, with the new token if there is one; returns the row's version.

        A lease that ran out in the meantime belongs to somebody else: then nothing is written and
        -1, a version no row has, comes back.
        """
        done = (
            update(WeChatAccessToken)
            .where(
                WeChatAccessToken.appid == self._appid,
                WeChatAccessToken.lease_holder == holder,
            )
            .values(
                lease_holder=None,
                lease_until=None,
                version=WeChatAccessToken.version + 1,
                **values,
            )
            .returning(WeChatAccessToken.version)
        )
        with self._app.app_context(), transaction() as session:
            row = session.execute(done).one_or_none()
        return -1 if row is None else int(row.version)
