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
    clock.shift(timedelta(seconds=int(AHEAD.read_text())))
    return product(environ, start_response)
