"""One HTTP exchange with a provider: never repeated, because a second message costs twice."""

import logging
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from backend.sms.errors import SmsFailed

# Their info lines contain whole addresses, and a provider's may carry phone and code.
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Wire:
    """Kept connections to one base address; safe to share between threads."""

    def __init__(self, base_url: str, http: httpx.Client | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = http or httpx.Client(timeout=TIMEOUT, trust_env=False)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def post(
        self, path: str, *, query: str = "", headers: Mapping[str, str], body: bytes = b""
    ) -> dict[str, Any]:
        """The answer as an object, under whatever status it comes. Raises SmsFailed."""
        address = self.base_url + path + (f"?{query}" if query else "")
        try:
            response = self._http.post(address, headers=dict(headers), content=body)
        except _NEVER_SENT as error:
            raise SmsFailed(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise SmsFailed(type(error).__name__, ambiguous=True) from error
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise SmsFailed(f"HTTP {response.status_code}", ambiguous=True) from error
        if not isinstance(answer, dict):
            raise SmsFailed("answer is not an object", ambiguous=True)
        return answer
