"""The forms of the draw pages."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from admin.schemas.base import Asked, IdField, Text, Whole
from backend import clock

_DIGITS = _("请只填数字，不带空格和符号。")


class LocalMoment(fields.String):
    """A day and a time as a browser's field gives them, by the clock on the wall."""

    default_error_messages = {  # noqa: RUF012
        "required": _("请填写这一项。"),
        "moment": _("请填写正确的日期和时间。"),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)
        except ValueError as error:
            raise ValidationError([str(self.error_messages["moment"])]) from error


class DrawForm(Asked):
    """What a draw is set up with."""

    title = Text(longest=60, required=True)
    number_name = Text(longest=120, required=True)
    number_at = LocalMoment(required=True)
    opens_at = LocalMoment(required=True)
    closes_at = LocalMoment(required=True)
    most_wishes = Whole(1, 10, required=True)
    most_places = Whole(1, 10, required=True)
    home_weight = Whole(0, 9, required=True)
    first_weight = Whole(0, 9, required=True)


class NewDrawForm(DrawForm):
    """The same with the term it is for and the place whose staff keep it."""

    term_id = IdField(required=True)
    place_id = IdField(required=True)


class RunsForm(Asked):
    """The runs that are drawn."""

    run_ids = fields.List(IdField(), load_default=list)


class NumberNameForm(Asked):
    """Another public number, and when it is known."""

    number_name = Text(longest=120, required=True)
    number_at = LocalMoment(required=True)


class NumberForm(Asked):
    """The public number, typed twice: nothing can be put right afterwards."""

    number = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9]{1,64}\Z", error=_DIGITS),
        error_messages={"required": _DIGITS},
    )
    again = fields.String(required=True, error_messages={"required": _DIGITS})


class LookUp(Asked):
    """Whose reasons are asked for: part of a name, or of a code."""

    text = Text(longest=40)
