"""The product as gunicorn serves it, at the moment that stands in a file."""

import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend import clock
from backend.wsgi import app as product

AHEAD = Path(os.environ["JOURNEY_AHEAD"])
"""Holds the seconds by which this moment lies before or behind the real one."""


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    ahead = AHEAD.read_text()
    clock.shift(timedelta(seconds=int(ahead)))

    def tells_it(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        """Phones go by the server's clock, as in a rehearsal."""
        return start_response(status, [*headers, ("X-Clock-Shift", ahead)], *more)

    return product(environ, tells_it)
