"""Forms of the people desk."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Mobile, Text, Whole
from backend.people.models import Gender, Relation


class PersonForm(Asked):
    """A resident's card."""

    name = Text(longest=40, required=True)
    birth_date = Day(load_default=None)
    gender = Choice(Gender, load_default=None)
    phone = Mobile(load_default=None)
    home_place_id = IdField(load_default=None)
    address = Text(longest=120, load_default=None)
    note = Text(longest=200, load_default=None)


class NewPersonForm(PersonForm):
    """A new card; `knows_others`: the cards that look alike were looked at."""

    knows_others = Flag()


class ChangedPersonForm(PersonForm):
    """A corrected card: a phone left blank stays, unless `without_phone` is ticked."""

    without_phone = Flag()

    @validates_schema
    def means_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A number and "has none" contradict each other."""
        if data.get("phone") and data.get("without_phone"):
            raise ValidationError({"phone": [str(_("请只选一项：填写新号码，或勾选没有手机。"))]})


class WitnessForm(Asked):
    """Who may act for the person, by the phone they sign in with."""

    phone = Mobile(required=True)
    relation = Choice(Relation, required=True)
    present = Flag()

    @validates_schema
    def is_witnessed(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Staff witness only what they see."""
        if not data.get("present"):
            raise ValidationError({"present": [str(_("请确认居民本人在场并同意。"))]})


class ReasonForm(Asked):
    """Why; the person is told."""

    reason = Text(longest=100, required=True)


class BookForm(Asked):
    """A class for the person; with a reason, against rules that staff may set aside."""

    run_id = IdField(required=True)
    wait = Flag()
    reason = Text(longest=100, load_default=None)


class WishesForm(Asked):
    """What a person applies for in a draw, the dearest wish first."""

    run_ids = fields.List(
        IdField(), required=True, validate=validate.Length(min=1, error=_("请至少选一个班。"))
    )
    most = Whole(1, 10, load_default=1)

    @validates_schema
    def is_each_once(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Nobody wishes twice for the same class."""
        if len(set(data["run_ids"])) < len(data["run_ids"]):
            raise ValidationError({"run_ids": [str(_("同一个班不用填两次。"))]})


class TransferForm(BookForm):
    """Another class for the person: with all who go together, or alone."""

    whole_party = Flag(load_default=None)


class MergeForm(Asked):
    """Which of two cards stays."""

    keep_id = IdField(required=True)
