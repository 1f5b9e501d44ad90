"""Residents: myself, and the people I act for."""

import re
import unicodedata
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate

from backend import clock
from backend.languages import LANGUAGES
from backend.people.household_queries import SELF
from backend.people.models import Gender, Relation
from miniprogram_api.schemas.base import REQUIRED, Asked, Choice, Flag, IdField, Moment, Text

OLDEST = 120
_MOBILE = re.compile(r"1[3-9]\d{9}|\+[1-9]\d{6,14}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class PersonName(Text):
    """A human's name as on a roster: letters of any script, blanks, and the marks names carry."""

    MARKS = "·・•.'’-"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shortest=1, longest=40, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        name = " ".join(super()._deserialize(value, attr, data, **kwargs).split())
        if not all(char in self.MARKS + " " or _is_letter(char) for char in name):
            raise ValidationError(str(_("请填写真实姓名，不要使用表情或特殊符号。")))
        return name


class BirthDate(fields.Date):
    """A day in the past, at most 120 years ago: `1960-02-01`."""

    default_error_messages = REQUIRED

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError(str(_("请按“年-月-日”填写日期，例如 1960-02-01。")))
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(str(_("没有这一天，请核对日期。"))) from error
        today = clock.today()
        if day > today:
            raise ValidationError(str(_("出生日期不能晚于今天。")))
        if day.year < today.year - OLDEST:
            raise ValidationError(str(_("请核对出生年份。")))
        return day


class Mobile(fields.String):
    """A mobile phone number: eleven digits in China, else `+` with the country's code."""

    default_error_messages = REQUIRED | {"invalid": _("请填写正确的手机号。")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        number = re.sub(r"[\s-]", "", text).removeprefix("+86")
        if not number.isascii() or not _MOBILE.fullmatch(number):
            raise ValidationError(str(_("请填写正确的手机号。")))
        return number


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


class PersonSchema(Schema):
    """Somebody I may act for; `relation` is `self` for myself."""

    person_id = IdField(required=True)
    name = fields.String(required=True)
    gender = fields.String(required=True, allow_none=True)
    birth_date = fields.Date(required=True, allow_none=True)
    relation = Choice([SELF, *Relation], required=True)


class MeSchema(Schema):
    """Myself. An empty `name` or no `birth_date`: ask for it before the first booking."""

    account_id = IdField(required=True)
    person_id = IdField(required=True)
    name = fields.String(required=True)
    gender = fields.String(required=True, allow_none=True)
    birth_date = fields.Date(required=True, allow_none=True)
    home_place_id = IdField(required=True, allow_none=True)
    home_name = fields.String(required=True, allow_none=True)
    home_community_id = IdField(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "138****5678"})
    language = fields.String(required=True)
    has_calendar_link = fields.Boolean(required=True)
    household_limit = fields.Integer(required=True, metadata={"example": 8})
    people = fields.List(fields.Nested(PersonSchema), required=True)


class MeBody(Asked):
    """What is to be changed; what is not named stays."""

    name = PersonName()
    gender = Choice(Gender, allow_none=True)
    birth_date = BirthDate(allow_none=True)
    home_place_id = IdField(allow_none=True, metadata={"description": "an estate or a building"})
    address = Text(longest=120, allow_none=True, metadata={"description": "unit and door"})
    language = Choice(LANGUAGES)


class OwnRowSchema(Schema):
    """One thing that is stored, in words."""

    label = fields.String(required=True, metadata={"example": "手机号"})
    value = fields.String(required=True, metadata={"example": "13812345678"})


class OwnSectionSchema(Schema):
    """What is stored of one kind."""

    title = fields.String(required=True, metadata={"example": "我的资料"})
    rows = fields.List(fields.Nested(OwnRowSchema), required=True)


class OwnDataSchema(Schema):
    """Everything that is stored about me, to read or to keep."""

    made_at = Moment(required=True)
    sections = fields.List(fields.Nested(OwnSectionSchema), required=True)


class DeleteMeBody(Asked):
    """The account is gone for good; sending it says that this is meant."""

    confirm = Flag(
        required=True,
        validate=validate.Equal(True, error=_("请先确认要注销账号。")),
        metadata={"description": "I mean it"},
    )


class ChildBody(Asked):
    """A minor whose guardian I am; sending it is the guardian's declaration."""

    name = PersonName(required=True)
    birth_date = BirthDate(required=True)
    gender = Choice(Gender, load_default=None, allow_none=True)
    is_guardian = Flag(
        required=True,
        validate=validate.Equal(True, error=_("请先确认您是孩子的监护人。")),
        metadata={"description": "I declare it"},
    )


class AdultBody(Asked):
    """A grown-up who will be asked by phone."""

    name = PersonName(required=True)
    phone = Mobile(required=True, metadata={"example": "13812345678"})
    relation = Choice([Relation.PARENT, Relation.SPOUSE, Relation.OTHER], required=True)


class MemberSchema(Schema):
    """Somebody I may act for (`given`), have asked (`requested`), or who has come of age since."""

    id = IdField(required=True)
    person_id = IdField(required=True, allow_none=True)
    name = fields.String(required=True)
    birth_date = fields.Date(required=True, allow_none=True)
    relation = Choice(Relation, required=True)
    state = Choice(["requested", "given", "ended"], required=True)
    requested_at = Moment(required=True)
    given_at = Moment(required=True, allow_none=True)
    ends_on = fields.Date(required=True, allow_none=True)
    witnessed = fields.Boolean(required=True)


class MemberAddedSchema(Schema):
    """The entry in my household; `person_id` is known at once for a child only."""

    id = IdField(required=True)
    person_id = IdField(required=True, allow_none=True)
    state = Choice(["requested", "given"], required=True)


class OtherSideSchema(Schema):
    """Whoever asks, or may act for me; `relation` is what they say I am to them."""

    id = IdField(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "138****5678"})
    relation = Choice(Relation, required=True)


class AskedSchema(OtherSideSchema):
    """A question put to me."""

    requested_at = Moment(required=True)


class ActingForMeSchema(OtherSideSchema):
    """Somebody who may book for me."""

    given_at = Moment(required=True)
