"""Counting calls: per account, or per address on the doors that sign somebody in."""

from flask import current_app, request
from limits import RateLimitItem
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from backend import clock, config
from backend.errors import TooManyRequests


class OwnMemory(Storage):
    """Counts in this process's memory, swept now and then by whoever counts.

    The library's own starts a thread and walks through every count a hundred times a second.
    Two calls at the very same moment may count as one; a limit is not a ledger.
    """

    SWEEP_SECONDS = 10.0

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[float, int]] = {}  # until when, and how many
        self._sweep_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more in the window of `expiry` seconds; how many there are now."""
        now = clock.now().timestamp()
        if now >= self._sweep_at:
            self._sweep(now)
        until, count = self._counts.get(key, (0.0, 0))
        if until <= now:
            until, count = now + expiry, 0
        self._counts[key] = until, count + amount
        return count + amount

    def get(self, key: str) -> int:
        until, count = self._counts.get(key, (0.0, 0))
        return count if until > clock.now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of `key` ends, in seconds since 1970."""
        return self._counts.get(key, (clock.now().timestamp(), 0))[0]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        forgotten = len(self._counts)
        self._counts = {}
        return forgotten

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._sweep_at = now + self.SWEEP_SECONDS
        for key, (until, _) in list(self._counts.items()):
            if until <= now:
                self._counts.pop(key, None)


_OUR_PROXY = ("127.0.0.1", "::1")


def address() -> str:
    """Where the call at hand comes from; what nginx on this machine says of it is believed."""
    seen = request.remote_addr or ""
    return request.access_route[-1] if seen in _OUR_PROXY else seen


def spend(rate: RateLimitItem, door: str, who: str) -> None:
    """Count one call. Raises TooManyRequests with the seconds to wait."""
    settings = config.current()
    if not settings.rate_limits:
        return
    limiter = current_app.extensions.get("rate_limiter")
    if limiter is None:
        limiter = FixedWindowRateLimiter(_storage(settings.rate_limit_storage))
        current_app.extensions["rate_limiter"] = limiter
    assert isinstance(limiter, RateLimiter)
    if not limiter.hit(rate, door, who):
        wait = limiter.get_window_stats(rate, door, who).reset_time - clock.now().timestamp()
        raise TooManyRequests(retry_after=max(1, round(wait)))


def _storage(address: str) -> Storage:
    if address == "memory://":
        return OwnMemory()
    storage = storage_from_string(address)
    assert isinstance(storage, Storage)  # async+… would give another kind
    return storage
