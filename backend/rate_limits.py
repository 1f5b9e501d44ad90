"""Counting calls: per account, or per address on the doors that sign somebody in."""

from flask import current_app
from limits import RateLimitItem
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from backend import clock, config
from backend.errors import TooManyRequests


def spend(rate: RateLimitItem, door: str, who: str) -> None:
    """Count one call. Raises TooManyRequests with the seconds to wait."""
    settings = config.current()
    if not settings.rate_limits:
        return
    limiter = current_app.extensions.get("rate_limiter")
    if limiter is None:
        limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_limit_storage))
        current_app.extensions["rate_limiter"] = limiter
    assert isinstance(limiter, RateLimiter)
    if not limiter.hit(rate, door, who):
        wait = limiter.get_window_stats(rate, door, who).reset_time - clock.now().timestamp()
        raise TooManyRequests(retry_after=max(1, round(wait)))
