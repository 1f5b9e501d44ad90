"""How WeChat's servers answer: JSON under HTTP 200, refusals with an errcode and a request id."""

import secrets
from typing import Any

import orjson
from flask import Response


class Refused(Exception):
    """The call is answered with `errcode` and `errmsg`."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg


def request_id() -> str:
    """A request id in WeChat's form."""
    return f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def answer(fields: dict[str, Any], content_type: str = "application/json") -> Response:
    """A success with these fields."""
    return Response(orjson.dumps(fields), content_type=f"{content_type}; charset=utf-8")


def ok(**fields: Any) -> Response:
    """A success that says so: errcode 0."""
    return answer({"errcode": 0, "errmsg": "ok", **fields})


def refusal(error: Refused) -> Response:
    """A refusal, which WeChat also sends with HTTP 200."""
    return answer({"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: {request_id()}"})
