"""The forms of single lessons: when and where, and how far a change is carried over."""

from datetime import datetime, time
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Text, Whole
from admin.schemas.classes import ReasonForm
from backend import clock
from backend.night_school.editing import Scope

__all__ = ["EditForm", "ExtendForm", "HoursQuery", "MinimumForm", "ReasonForm", "SpanForm"]


class ClockTime(fields.Time):
    """A time of day, as 19:00."""

    default_error_messages = {  # noqa: RUF012
        "required": _("请填写时间。"),
        "invalid": _("请填写正确的时间，例如 19:00。"),
    }


class SpanForm(Asked):
    """A lesson's day, times and room."""

    day = Day(required=True)
    start = ClockTime(required=True)
    until = ClockTime(required=True)
    room_id = IdField(load_default=None)

    @post_load
    def as_moments(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Both ends as moments."""
        day = asked.pop("day")
        starts_at, ends_at = (_at(day, asked.pop(name)) for name in ("start", "until"))
        if ends_at <= starts_at:
            raise ValidationError(gettext("下课时间要晚于上课时间。"), "until")
        return asked | {"starts_at": starts_at, "ends_at": ends_at}


class EditForm(SpanForm):
    """The same for a lesson that stands; `scope`: which others follow it."""

    teacher_id = IdField(load_default=None)
    scope = Choice(Scope, load_default=Scope.THIS)
    reason = Text(longest=60, load_default=None)
    confirmed = Flag()

    @post_load
    def as_scope(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """The scope by its name."""
        return asked | {"scope": Scope(asked["scope"])}


def _at(day: Any, at: time) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None), clock.LOCAL)


class HoursQuery(Asked):
    """The month (2026-03) or term whose hours are asked for."""

    month = fields.Date(
        format="%Y-%m",
        load_default=None,
        error_messages={"invalid": _("请填写月份，例如 2026-03。")},
    )
    term_id = IdField(load_default=None)


class MinimumForm(Asked):
    """How many have to sign up; blank: the class always takes place."""

    minimum = Whole(1, 2000, load_default=None)


class ExtendForm(Asked):
    """Until when sign-up stays open, and why."""

    day = Day(required=True)
    until = ClockTime(required=True)
    reason = Text(longest=60, required=True)

    @post_load
    def as_moment(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Both as one moment."""
        return {"closes_at": _at(asked["day"], asked["until"]), "reason": asked["reason"]}
