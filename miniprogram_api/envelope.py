"""The one shape of every answer: `{"errcode": 0, "errmsg": "ok", "data": …}`, as WeChat's own do.

A refusal carries its errcode, a sentence, `errors` by field where there are any, the facts the
client may show under `data`, and the request id, under the HTTP status that fits.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException

from backend.db import transactional
from backend.errors import (
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    Unavailable,
    every_refusal,
)

log = structlog.get_logger(__name__)

_JSON = "application/json; charset=utf-8"
_BY_STATUS: dict[int, type[Refusal]] = {
    400: MalformedRequest,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: MalformedRequest,
}


def _default(value: Any) -> Any:
    if isinstance(value, LazyString):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong into an answer")


def body(data: Any) -> bytes:
    """`data` in its envelope, as bytes."""
    return orjson.dumps({"errcode": 0, "errmsg": "ok", "data": data}, default=_default)


def answer(data: Any = None, status: int = 200) -> Response:
    """A good answer."""
    return Response(body(data), status, content_type=_JSON)


def refuse(refusal: Refusal) -> Response:
    """A refusal as the client sees it."""
    told: dict[str, Any] = {
        "errcode": refusal.errcode,
        "errmsg": str(refusal),
        "request_id": g.get("request_id"),
    }
    if errors := getattr(refusal, "errors", None):
        told["errors"] = errors
    if refusal.data:
        told["data"] = refusal.facts()
    refused = orjson.dumps(told, default=_default, option=orjson.OPT_NON_STR_KEYS)
    response = Response(refused, refusal.status, content_type=_JSON)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in refusal.data:
        response.headers["Retry-After"] = str(refusal.data["retry_after"])
    return response


def register(app: Flask, prefix: str) -> None:
    """Turn what is raised below `prefix` into refusals; other addresses keep their own pages."""

    def ours() -> bool:
        return request.path.startswith(prefix)

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        response = refuse(refusal)
        if refusal.after is not None:
            response.call_on_close(partial(_note, app, refusal.after))
        return response

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if not ours():
            return error
        kind = _BY_STATUS.get(error.code or 500)
        if kind is None:
            return error
        response = refuse(kind())
        if isinstance(allowed := getattr(error, "valid_methods", None), list):
            response.headers["Allow"] = ", ".join(allowed)
        return response

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return http(error)
        log.exception("unhandled", path=request.path)
        return refuse(Unavailable()) if ours() else ("Internal Server Error", 500)

    @app.after_request
    def mark(response: Response) -> Response:
        """Every read has an ETag, and is 304 to whoever has it; what is personal stays private."""
        if request.method not in ("GET", "HEAD") or response.status_code != 200 or not ours():
            return response
        if "ETag" in response.headers or response.direct_passthrough:
            return response
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        return response.make_conditional(request)


def _note(app: Flask, after: Callable[[], object]) -> None:
    """The answer is out: what goes wrong now is a line in the log."""
    try:
        with app.app_context():
            transactional(after)()
    except Exception:
        log.exception("refusal not noted")


def description() -> str:
    """The opening words of the OpenAPI document, with the table of errcodes."""
    rows = "\n".join(
        f"| {kind.errcode} | {kind.status} | {_meaning(kind)} | {kind.sentence} |"
        for kind in every_refusal()
    )
    return (
        'Every body is `{"errcode": 0, "errmsg": "ok", "data": …}`. A refusal has a non-zero '
        "`errcode`, a sentence for the resident (Chinese, or English by `Accept-Language`), "
        "`errors` by field where fields are wrong, and a `request_id`. Moments are RFC 3339 with "
        "offset, money is in fen. Posts that book take an `Idempotency-Key`: repeat it with the "
        "same body and the first answer comes again.\n\n"
        "<details><summary>errcode 一览 · all errcodes</summary>\n\n"
        f"| errcode | status | meaning | 说明 |\n|---|---|---|---|\n{rows}\n\n</details>\n"
    )


def _meaning(kind: type[Refusal]) -> str:
    """The class's own first paragraph, which is written for whoever reads the table."""
    return " ".join((kind.__doc__ or kind.__name__).split("\n\n")[0].split())
