"""Papers to print: a PDF opens in the browser, under a name that may be Chinese."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Response
from flask_babel import force_locale

P = ParamSpec("P")
R = TypeVar("R")


def in_chinese(page: Callable[P, R]) -> Callable[P, R]:
    """Papers are Chinese always, whatever language the console speaks to whoever prints them."""

    @wraps(page)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        with force_locale("zh"):
            return page(*args, **kwargs)

    return draw


def pdf(name: str, drawn: bytes) -> Response:
    """The PDF, to be looked at and printed or saved."""
    response = Response(drawn, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    return response
