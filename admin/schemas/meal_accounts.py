"""The forms of meal accounts at the desk."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Mobile, Text, Whole
from admin.schemas.canteen import Yuan
from backend.canteen.accounts.closing_models import Way
from backend.canteen.accounts.relatives import Named
from backend.canteen.eaters.models import Category
from backend.money import in_yuan
from backend.people.models import Relation

_PAYER = "[ar][1-9][0-9]{0,14}"
_NAMED = ("payer_name", "payer_phone", "payer_relation")
MOST_FEN = 500_000
"""More cash than that at once is a slip of the finger."""


class Amount(Yuan):
    """An amount of money that changes hands: more than nothing, and no slip of the finger."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        fen = super()._deserialize(value, attr, data, **kwargs)
        if not 0 < fen <= MOST_FEN:
            raise ValidationError(
                [str(_("请填写大于 0、不超过 %(most)s 元的金额。", most=in_yuan(MOST_FEN)))]
            )
        return fen


class _Once(Asked):
    """A form that is carried out once, however often it is sent."""

    key = Text(longest=32, required=True)
    note = Text(longest=40, load_default=None)


class TopUpForm(_Once):
    """Cash from the person themselves, a relative on the list, or one to be noted."""

    canteen_id = IdField(required=True)
    fen = Amount(data_key="yuan", required=True)
    payer = fields.String(
        load_default=None, validate=validate.Regexp(_PAYER, error=_("请选择列出的一项。"))
    )
    payer_name = Text(longest=20, load_default=None)
    payer_phone = Mobile(load_default=None)
    payer_relation = Choice(Relation, load_default=None)

    @validates_schema
    def _one_payer(self, data: dict[str, Any], **_kwargs: Any) -> None:
        named = [name for name in _NAMED if data[name] is not None]
        if named and data["payer"] is not None:
            raise ValidationError({"payer": [str(_("付款人只选一位：名单里的，或者新登记的。"))]})
        if named and len(named) < len(_NAMED):
            missing = [name for name in _NAMED if name not in named]
            raise ValidationError({name: [str(_("请填写这一项。"))] for name in missing})

    @post_load
    def _who_paid(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        name, phone, relation = (data.pop(name) for name in _NAMED)
        payer = data.pop("payer")
        if name is not None:
            named = Named(name=name, phone=phone, relation=Relation(relation))
            return data | {"relative": named}
        if payer is None:
            return data
        return data | {("payer_id" if payer[0] == "a" else "relative_id"): int(payer[1:])}


class RefundForm(_Once):
    """Cash back from one purse."""

    canteen_id = IdField(required=True)
    purse_id = IdField(required=True)
    fen = Amount(data_key="back_yuan", required=True)


class GrantForm(_Once):
    """Money given, and until when."""

    name = Text(longest=20, required=True, data_key="grant")
    fen = Amount(data_key="grant_yuan", required=True)
    expires_on = Day(required=True)


class TakeBackForm(Asked):
    """Which line was wrong, and why."""

    entry_id = IdField(required=True)
    reason = Text(longest=40, required=True)


class MonthQuery(Asked):
    """Which month: that of a day; without it this one."""

    month = Day(load_default=None)


class Counted(Yuan):
    """What a till holds beyond what it began with; less than that with a minus."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        typed = str(value).strip()
        fen = super()._deserialize(typed.removeprefix("-"), attr, data, **kwargs)
        return -fen if typed.startswith("-") else fen


class CloseForm(Asked):
    """Whose till, up to which receipt, and what was counted."""

    canteen_id = IdField(required=True)
    staff_id = IdField(required=True)
    last_id = IdField(required=True)
    counted_fen = Counted(data_key="counted", required=True)
    reason = Text(longest=80, load_default=None)


class CanteenQuery(Asked):
    """At which canteen."""

    canteen_id = IdField(required=True)


class ImportForm(CanteenQuery):
    """What was previewed."""

    lines = fields.String(required=True)
    previewed = Text(longest=64, required=True)


class EveryoneForm(Asked):
    """The sum that was shown."""

    expected_fen = IdField(required=True)


class PageQuery(Asked):
    """Which page of a list."""

    page = Whole(1, 9999, load_default=1)


class WayForm(Asked):
    """How some lines of a list, or all of them, are paid."""

    way = Choice(Way, required=True)
    everyone = Flag()
    line_ids = fields.List(IdField(), load_default=list)

    @validates_schema
    def _somebody(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data["everyone"] and not data["line_ids"]:
            raise ValidationError({"line_ids": [str(_("请先勾选要改的人。"))]})


class ReceiversQuery(Asked):
    """Whom a grant is for: a category, an age, or both."""

    category = Choice(Category, load_default=None)
    min_age = Whole(1, 120, load_default=None)


class GrantsForm(GrantForm):
    """A grant for these people."""

    person_ids = fields.List(
        IdField(), required=True, validate=validate.Length(1, error=_("请至少勾选一位居民。"))
    )
