"""The stand-in's access tokens: the rules of `stable_token`, and a switch that expires them."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from backend.wechat.standin.answers import Refused

RENEW_BEFORE = timedelta(seconds=300)  # the old token works on for the rest of its time
FORCED_PAUSE = timedelta(seconds=30)
FORCED_A_DAY = 20


class TokenIssuer:
    """Hands out one token at a time, valid for `seconds`."""

    def __init__(self, seconds: int, now: Callable[[], datetime]) -> None:
        self.seconds = seconds
        self._now = now
        self._lock = threading.Lock()
        self._current = ""
        self._valid: dict[str, datetime] = {}
        self._expired: set[str] = set()
        self._noticed: set[str] = set()
        self._forced: list[datetime] = []
        self.issued = 0

    def issue(self, *, force: bool) -> tuple[str, int]:
        """The current token and its remaining seconds; a new one only when the rules say so."""
        with self._lock:
            now = self._now()
            if force:
                self._count_forced(now)
                self._retire_all()
            ends = self._valid.get(self._current)
            if ends is None or (ends - now < RENEW_BEFORE and self.seconds >= 300):
                self._current = f"91_{secrets.token_urlsafe(96)}"
                self._valid[self._current] = ends = now + timedelta(seconds=self.seconds)
                self.issued += 1
            return self._current, int((ends - now).total_seconds())

    def check(self, token: str) -> None:
        """Raises 41001, 40001 or 42001 for a missing, unknown or expired token.

        A token that ran out answers 40001 the first time and 42001 afterwards, as WeChat has been
        seen to do.
        """
        if not token:
            raise Refused(41001, "access_token missing")
        with self._lock:
            ends = self._valid.get(token)
            if ends is not None and self._now() < ends:
                return
            if ends is not None:
                self._retire(token)
            if token in self._expired and token in self._noticed:
                raise Refused(42001, "access_token expired")
            self._noticed.add(token)
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")

    def expire_now(self) -> None:
        """Every token handed out so far stops working."""
        with self._lock:
            self._retire_all()

    def _retire_all(self) -> None:
        for token in list(self._valid):
            self._retire(token)

    def _retire(self, token: str) -> None:
        del self._valid[token]
        self._expired.add(token)

    def _count_forced(self, now: datetime) -> None:
        self._forced = [at for at in self._forced if now - at < timedelta(days=1)]
        if len(self._forced) >= FORCED_A_DAY:
            raise Refused(45009, "reach max api daily quota limit")
        if self._forced and now - self._forced[-1] < FORCED_PAUSE:
            raise Refused(45011, "api minute-quota reach limit, must slower")
        self._forced.append(now)
