"""The OpenAPI document: what each door asks for and may refuse, and the page that shows it."""

import threading
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec import APISpec
from flask import Flask, current_app
from flask_babel import force_locale
from marshmallow import Schema, fields

from miniprogram_api import envelope

SIGN_IN = "token"

READS = ("get",)
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Makes a repeated call safe: the same key and body answer with the same row.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[ -~]+$"},
}
KNOWN = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The ETag of what the client has; 304 if that still holds.",
    "schema": {"type": "string"},
}


class Refusal(Schema):
    """A refusal: `errcode` from the table above, a sentence for the resident, wrong fields."""

    errcode = fields.Integer(required=True, metadata={"example": 40904})
    errmsg = fields.String(required=True, metadata={"example": "名额已满，可以排队候补。"})
    request_id = fields.String(required=True, allow_none=True)
    errors = fields.Dict(metadata={"description": "by field, where fields are wrong"})
    data = fields.Dict(metadata={"description": "facts the client may show"})


class Api(flask_smorest.Api):
    """flask-smorest's, speaking of our refusals."""

    ERROR_SCHEMA = Refusal

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._undescribed: list[flask_smorest.Blueprint] = []
        self._describing = threading.RLock()
        super().__init__(*args, **kwargs)

    def register_blueprint(self, blp: flask_smorest.Blueprint, **options: Any) -> None:
        """Open the doors; what the document says of them is worked out when somebody reads it.

        That takes a third of the start of a process, and few are ever asked for it.
        """
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    @property
    def spec(self) -> APISpec:
        """The document with every door."""
        with self._describing, force_locale("zh"):
            while self._undescribed:
                blp = self._undescribed.pop(0)
                blp.register_views_in_doc(
                    self, self._app, self._spec, name=blp.name, parameters=None
                )
                self._spec.tag({"name": blp.name, "description": blp.description})
        return self._spec

    @spec.setter
    def spec(self, spec: APISpec) -> None:
        self._spec = spec

    def _register_error_handlers(self) -> None:
        """None: refusals are worded by the envelope."""


def make_api(app: Flask, prefix: str) -> Api:
    """The document under `prefix`/openapi.json; `docs_page` shows it."""
    app.config.update(
        API_TITLE="Xingfu 幸福家园",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=prefix,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": envelope.description()},
            "components": {
                "securitySchemes": {SIGN_IN: {"type": "http", "scheme": "bearer"}},
            },
        },
    )
    return Api(app)


def current_document() -> dict[str, Any]:
    """The document of the application at work."""
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return dict(api.spec.to_dict())


def describe_door(
    doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any
) -> dict[str, Any]:
    """Add to an operation what its door asks for and the refusals it may give."""
    door = info.get("door", {})
    statuses = set(info.get("refuses", ()))
    if door.get("signed_in"):
        statuses |= {401}
    if door.get("limit"):
        statuses |= {429}
    if "<" in info.get("rule", ""):
        statuses |= {404}
    if "requestBody" in doc:
        statuses |= {400, 413, 422}
    if method in READS:
        statuses |= {304}
        doc.setdefault("parameters", []).append(KNOWN)
    if info.get("keyed"):
        statuses |= {422}
        doc.setdefault("parameters", []).append(KEY)
    responses = doc.setdefault("responses", {})
    for status in sorted(statuses):
        responses[status] = HTTPStatus(status).name
    doc["security"] = [{SIGN_IN: []}] if door.get("signed_in") else []
    _tell_the_door(info, door)
    return doc


def _tell_the_door(info: dict[str, Any], door: dict[str, Any]) -> None:
    """Every description ends with who may call, and how often."""
    said = info.get("docstring") or {}
    who = "Needs a resident's sign-in." if door.get("signed_in") else f"Public: {door.get('why')}."
    limit = f" At most {door['limit']}." if door.get("limit") else ""
    info["docstring"] = said | {
        "description": "\n\n".join(filter(None, (said.get("description"), who + limit)))
    }
