"""The settings tests run with."""

from typing import Any

from backend import config
from backend.config import Settings

APPID = "wxstandin00000001"
SECRET = "standin-secret"

TEMPLATES = ",".join(
    f"{kind}=standin-{kind}" for kind in ("booked", "offered", "changed", "lesson")
)


ENVIRON = {
    "APP_ENV": "test",
    "WX_APPID": APPID,
    "WX_SECRET": SECRET,
    "WX_API_BASE": "http://127.0.0.1:9",
    "WX_TEMPLATES": TEMPLATES,
    "RATE_LIMITS": "false",
    "LIST_SECONDS": "0",
    "LOG_LEVEL": "warning",
}


def for_tests(**given: Any) -> Settings:
    """Settings with every default, but no rate limits and nothing cached, then `given`."""
    return config.load(ENVIRON | {name.upper(): str(value) for name, value in given.items()})
