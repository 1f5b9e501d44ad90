"""The forms of the class and attendance pages."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from admin.schemas.base import Asked, Choice, Flag, IdField, Text, Whole
from backend import clock
from backend.night_school.admission.composing import LONGEST_PRIORITY
from backend.night_school.classes import WHEN
from backend.night_school.fees.models import FeeState, Method
from backend.night_school.models import Presence


class ClassFilter(Asked):
    """What the class list is narrowed to."""

    when = Choice(WHEN)
    term_id = IdField()
    place_id = IdField()
    weekday = Whole(0, 6)
    text = Text(longest=40)
    cursor = fields.String(validate=validate.Length(max=200))


class ReasonForm(Asked):
    """A decision that is told to residents or kept in the audit needs its reason."""

    reason = Text(longest=60, required=True)


class CancelForm(ReasonForm):
    """Somebody's place is given back; `late`: keep that it was after the deadline."""

    late = Flag()


class FeeForm(Asked):
    """What a fee is marked as."""

    state = Choice(FeeState, required=True)
    method = Choice(Method, load_default=None)
    note = Text(longest=60, load_default=None)


class DeadlineForm(Asked):
    """Until how many hours before the first lesson places may be given back; empty: to the end."""

    hours = Whole(0, 720, load_default=None)


class CapacityForm(Asked):
    """The new number of places; `overbook` keeps everybody where it is below those taken."""

    capacity = Whole(1, 2000, required=True)
    overbook = Flag()
    reason = Text(longest=60, load_default=None)


class At(fields.NaiveDateTime):
    """A day and a time, as a browser's field writes them."""

    default_error_messages = {  # noqa: RUF012
        "invalid": _("请填写正确的日期和时间，例如 2026-03-15 09:00。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        typed = str(value).strip().replace(" ", "T")
        return super()._deserialize(typed, attr, data, **kwargs).replace(tzinfo=clock.LOCAL)


class RulesForm(Asked):
    """Who may sign up; what is left blank asks for nothing."""

    min_age = Whole(0, 120, load_default=None)
    max_age = Whole(0, 120, load_default=None)
    home_place_id = IdField(load_default=None)
    priority_place_id = IdField(load_default=None)
    priority_hours = Whole(1, LONGEST_PRIORITY, load_default=None)
    kept = Whole(1, 2000, load_default=None)
    kept_from_age = Whole(1, 120, load_default=None)
    kept_place_id = IdField(load_default=None)
    kept_until = At(load_default=None)
    needs_course_id = IdField(load_default=None)
    once_a_year = Flag()
    missed_often = Flag()
    most_missed = Whole(1, 20, load_default=None)
    anyway = Flag()


class MarkForm(Asked):
    """A mark; none takes it away."""

    presence = Choice(Presence, load_default=None)


class TeacherLinkForm(Asked):
    """Whom the link is given to."""

    name = Text(longest=40, required=True)


class WalkInForm(Asked):
    """Who came without a booking; a reason sets rules aside that staff may set aside."""

    person_id = IdField(required=True)
    reason = Text(longest=100, load_default=None)


class MadeUpForm(Asked):
    """The lesson of another class where it was made up; none if nobody knows."""

    elsewhere_id = IdField(load_default=None)


class CodeForm(Asked):
    """A scanned text, or six digits."""

    code = fields.String(
        required=True,
        validate=validate.Length(1, 200, error=_("请扫码或输入六位数字。")),
        error_messages={"required": _("请扫码或输入六位数字。")},
    )
