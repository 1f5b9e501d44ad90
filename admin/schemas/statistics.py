"""What the statistics are about."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from admin.schemas.base import Asked, Day, IdField
from backend.night_school.statistics.periods import KEY


class PeriodKey(fields.String):
    """A term or a year, by its key."""

    def __init__(self) -> None:
        super().__init__(
            validate=validate.Regexp(rf"\A(?:{KEY.pattern})\Z", error=_("请选择列出的一项。"))
        )


class StatisticsFilter(Asked):
    """The place, the period or the days from and to, and what to compare with."""

    place_id = IdField()
    period = PeriodKey()
    versus = PeriodKey()
    since = Day()
    until = Day()
