"""The blueprint all resources are made of: flask-smorest's, with our refusals and our envelope."""

from collections.abc import Callable
from typing import Any, NoReturn

import flask_smorest
import orjson
from flask import Request
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from backend.errors import Invalid, MalformedRequest
from miniprogram_api import openapi

View = Callable[..., Any]

_enveloped: dict[tuple[type[Schema], bool], type[Schema]] = {}


def documented(view: View, **facts: Any) -> View:
    """Note facts about a view for the OpenAPI document."""
    view._apidoc = getattr(view, "_apidoc", {}) | facts  # type: ignore[attr-defined]
    return view


def _listed(errors: Any) -> Any:
    """Errors as lists of sentences; marshmallow does not know that a lazy text is one."""
    if isinstance(errors, dict):
        return {field: _listed(wrong) for field, wrong in errors.items()}
    return [str(one) for one in errors] if isinstance(errors, list) else [str(errors)]


class Parser(FlaskParser):
    """Reads bodies and queries; what does not fit is refused in our own words."""

    def handle_error(  # type: ignore[override]
        self, error: ValidationError, req: Request, schema: Schema, **_: Any
    ) -> NoReturn:
        by_field: dict[str, Any] = {}
        for errors in error.normalized_messages().values():
            by_field |= errors if isinstance(errors, dict) else {"_": errors}
        raise Invalid(_listed(by_field)) from error

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON; an empty one counts as `{}`."""
        raw = req.get_data()
        if not raw:
            return {}
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise MalformedRequest() from error


class Blueprint(flask_smorest.Blueprint):
    """One resource: its routes in the order list, read, create, change, delete."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(openapi.describe_door)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """As Flask's, keeping the rule for the document."""
        keep = super().route(rule, **options)
        return lambda view: keep(documented(view, rule=rule))

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[View], View]:
        """What the view is handed: read by one instance of `schema`, made here, not per call."""
        return super().arguments(schema(), **options)

    def answers(self, schema: type[Schema] | None = None, *, many: bool = False, status: int = 200):
        """Document the answer: `schema` in its envelope. Tests hold every answer against it."""
        return self.response(status, envelope_of(schema, many=many))

    @staticmethod
    def refuses(*statuses: int) -> Callable[[View], View]:
        """Document refusals beyond those that every door of its kind gives."""
        return lambda view: documented(view, refuses=statuses)

    @staticmethod
    def keyed(view: View) -> View:
        """Document that the door takes an Idempotency-Key."""
        return documented(view, keyed=True)

    def answers_file(self, content_type: str):
        """Document an answer that is a file of `content_type`, in no envelope."""
        return self.response(200, {"type": "string", "format": "binary"}, content_type=content_type)


def envelope_of(schema: type[Schema] | None, *, many: bool = False) -> type[Schema]:
    """The schema of a whole body whose `data` is `schema` (or a list of it, or nothing)."""
    if schema is None:
        return Done
    key = (schema, many)
    if key not in _enveloped:
        name = schema.__name__.removesuffix("Schema") + ("List" if many else "") + "Answer"
        data = fields.List(fields.Nested(schema)) if many else fields.Nested(schema)
        data.required = True
        _enveloped[key] = type(
            name,
            (Schema,),
            {
                "errcode": fields.Integer(required=True, metadata={"example": 0}),
                "errmsg": fields.String(required=True, metadata={"example": "ok"}),
                "data": data,
            },
        )
    return _enveloped[key]


class Done(Schema):
    """A body that only says it was done."""

    errcode = fields.Integer(required=True, metadata={"example": 0})
    errmsg = fields.String(required=True, metadata={"example": "ok"})
    data = fields.Raw(allow_none=True)
