"""The forms of the market's plan."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load, validate

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Text, Whole
from admin.schemas.draws import LocalMoment
from admin.schemas.venues import OnClock
from backend.market.fitting import StallPlan
from backend.market.visits.models import Outcome
from backend.venues.hours import read_hours


class Spans(fields.String):
    """Spans of a day such as `10:30-10:45`, as pairs of minutes."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return read_hours(super()._deserialize(value, attr, data, **kwargs))
        except ValueError:
            sentence = _("请填写时间段，例如 10:30-10:45；几段之间用空格。")
            raise ValidationError([str(sentence)]) from None


class DayForm(Asked):
    """What a market day is called, and where exactly it is."""

    title = Text(longest=40, required=True)
    spot = Text(longest=60, required=True)


class WishesQuery(Asked):
    """Of which community, or of which estate in it."""

    place_id = IdField(load_default=None)


class NewDayForm(DayForm):
    """The same with the community or estate, and the day."""

    place_id = IdField(required=True)
    day = Day(required=True)


class CopyForm(Asked):
    """On which day a market is held once more."""

    day = Day(required=True)


class OpenForm(Asked):
    """From when slots can be booked; empty: at once."""

    books_from = LocalMoment(load_default=None)


class StallForm(Asked):
    """A stall."""

    service_id = IdField(required=True)
    provider_ids = fields.List(IdField(), load_default=list)
    room_id = IdField(load_default=None)
    opens = OnClock(required=True)
    closes = OnClock(required=True)
    breaks = Spans(load_default=())
    slot_minutes = Whole(1, 480, required=True)
    at_once = Whole(1, 100, required=True)
    walk_up_percent = Whole(0, 100, required=True)
    by_person = Flag()
    at_home = Flag()
    staff_check = Flag()
    min_age = Whole(0, 120, load_default=None)
    max_age = Whole(0, 120, load_default=None)
    home_place_id = IdField(load_default=None)

    @post_load
    def planned(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As the plan that the verbs take."""
        opens, closes = data.pop("opens"), data.pop("closes")
        said = {name: data.pop(name) for name in ("reason", "seen") if name in data}
        plan = StallPlan(from_minute=minute_of(opens), until_minute=minute_of(closes), **data)
        return {"plan": plan} | said


class SeenForm(Asked):
    """What the page showed as it was sent."""

    seen = fields.String(load_default=None)


class WhyForm(SeenForm):
    """Why something is changed that residents have booked; `seen`: whom staff saw it hits."""

    reason = Text(longest=60, load_default=None)


class StallChangeForm(StallForm, WhyForm):
    """A stall as it is to be from now on."""


class AtDesk(Asked):
    """At which desk of the stall."""

    desk = Whole(1, 100, load_default=1)


class DeskForm(AtDesk):
    """What happens to the number that the page shows at the desk."""

    current = Whole(1, 100_000, required=True)


class NextForm(AtDesk):
    """The next one; whoever was here is served, with a note if there is one to make."""

    current = Whole(1, 100_000, load_default=None)
    note = Text(longest=120, load_default=None)


class CloseForm(AtDesk, WhyForm):
    """To which stall those who wait are handed on; empty: to none."""

    to = IdField(load_default=None)


class NumberForm(AtDesk):
    """A number for somebody at the table; `booking_id`: they have booked."""

    booking_id = IdField(load_default=None)


class StallsQuery(Asked):
    """Whose markets are on show: all to come or one day's, for somebody or whoever comes."""

    market_day_id = IdField(load_default=None)
    person_id = IdField(load_default=None)


class SlotQuery(Asked):
    """What is known so far of a slot at the desk; `minute`: when it begins, after midnight."""

    minute = Whole(0, 1439, load_default=None)
    provider_id = IdField(load_default=None)
    person_id = IdField(load_default=None)


class TimeForm(Asked):
    """A slot instead of another; a reason sets rules aside that staff may set aside."""

    minute = Whole(0, 1439, required=True)
    provider_id = IdField(load_default=None)
    reason = Text(longest=60, load_default=None)


class SlotForm(TimeForm):
    """A slot for somebody at the desk, or on the telephone; `wait`: a position in the line."""

    person_id = IdField(required=True)
    wait = Flag()


class Telephone(Text):
    """A number to ring, of a mobile or at home."""

    def __init__(self, **kwargs: Any) -> None:
        number = validate.Regexp(r"[0-9+() -]{5,20}\Z", error=_("请填写打得通的电话号码。"))
        super().__init__(longest=20, validate=number, **kwargs)


class CheckedForm(Asked):
    """`checked`: staff know that the person cannot come down."""

    checked = Flag()


class VisitForm(SlotForm, CheckedForm):
    """A home visit for somebody who calls, or for whom somebody comes by.

    `phone`: another number to ring than the one on file.
    """

    address = Text(longest=120, required=True)
    phone = Telephone(load_default=None)
    note = Text(longest=200, load_default=None)


class VisitTimeForm(TimeForm, CheckedForm):
    """Another time for a visit."""


class VisitEndForm(Asked):
    """How a visit went."""

    outcome = Choice(Outcome, required=True)
    minutes = Whole(1, 600, load_default=None)
    remark = Text(longest=120, load_default=None)


def minute_of(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute
