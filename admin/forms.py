"""Forms of the console: read by a marshmallow schema, shown again with errors at their fields."""

from typing import Any

from flask import g, request
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from backend.errors import Invalid, MalformedRequest, Refusal


class Form:
    """What a form shows: the values, the errors by field, and a problem that is no field's."""

    def __init__(
        self,
        values: dict[str, Any] | None = None,
        errors: dict[str, Any] | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        self.values = values or {}
        self.errors = errors or {}
        self.refusal = refusal

    @classmethod
    def refused(cls, refusal: Refusal) -> "Form":
        """The post as it came, with what is wrong about it."""
        typed = {name: _only(request.form.getlist(name)) for name in request.form}
        return cls(typed, getattr(refusal, "errors", {}), refusal)

    @property
    def problem(self) -> str | None:
        """What to say above the form."""
        return None if self.refusal is None else str(self.refusal)

    def value(self, name: str, otherwise: Any = "") -> Any:
        """What stands in the field."""
        found = self.values.get(name)
        return otherwise if found is None else found

    def chosen(self, name: str, value: Any) -> bool:
        """Whether `value` is (one of) what is chosen in the field."""
        found = self.values.get(name)
        held = found if isinstance(found, list | tuple | set) else [found]
        return str(value) in [str(one) for one in held if one is not None]

    def error(self, name: str) -> str | None:
        """What is wrong with the field, as one sentence."""
        wrong = self.errors.get(name)
        if isinstance(wrong, dict):
            wrong = [str(item) for items in wrong.values() for item in _listed(items)]
        return None if not wrong else " ".join(str(item) for item in _listed(wrong))


def form_of(values: dict[str, Any] | None = None) -> Form:
    """The form of a page: what was posted if it was refused just now, else `values`."""
    return g.get("form") or Form(values)


def read(schema: type[Schema], source: MultiDict[str, str] | None = None) -> dict[str, Any]:
    """What the post (or `source`: request.args) says. Raises Invalid by field.

    Blank fields count as not filled in.
    """
    source = request.form if source is None else source
    known = _made(schema)
    given: dict[str, Any] = {}
    for name, field in known.fields.items():
        key = field.data_key or name
        typed = [value for value in source.getlist(key) if value.strip()]
        if isinstance(field, fields.List):
            given[key] = typed
        elif typed:
            given[key] = typed[-1]
    try:
        return known.load(given)
    except ValidationError as error:
        raise Invalid(error.normalized_messages()) from error


def read_json(schema: type[Schema]) -> dict[str, Any]:
    """What the JSON body says. Raises MalformedRequest, and Invalid by field."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise MalformedRequest()
    try:
        return _made(schema).load(given)
    except ValidationError as error:
        raise Invalid(error.normalized_messages()) from error


def _made(schema: type[Schema]) -> Schema:
    """One of its kind, kept with it: making one takes longer than reading a form with it."""
    made: Schema | None = vars(schema).get("made")
    if made is None:
        made = schema.made = schema()  # type: ignore[attr-defined]
    return made


def _only(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
