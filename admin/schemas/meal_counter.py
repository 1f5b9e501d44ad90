"""The forms of the counter."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length

from admin.schemas.base import Asked, Choice, Flag, IdField, Text, Whole
from admin.schemas.uploads import DeviceMoment
from backend import clock
from backend.canteen.models import Mode
from backend.canteen.serving.models import Proof
from backend.desk.meal_counter import Sale, Tap

MOST_TAPS = 500
_KEY = Length(8, 22, error=_("请重新点一次。"))


class TapForm(Asked):
    """Somebody got their meal. The key is the page's own: with the order it makes the tap once."""

    booking_id = IdField(required=True)
    proof = Choice(Proof, load_default=Proof.LIST)
    key = fields.String(required=True, validate=_KEY)

    @post_load
    def tapped(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """As the verb takes it."""
        key = f"{data['key']}.{data['booking_id']}"
        tap = Tap(booking_id=data["booking_id"], proof=Proof(data["proof"]), key=key)
        return {"tap": tap}


class _TapSchema(Schema):
    """A tap that waited on a tablet; `given`: it could not ask the server first."""

    booking_id = IdField(strict=True, required=True)
    proof = Choice(Proof, required=True)
    key = fields.UUID(required=True)
    at = DeviceMoment(required=True)
    given = fields.Boolean(required=True)


class TapsBody(Schema):
    """A tablet's clock, and its taps in their order."""

    device_now = DeviceMoment(required=True)
    taps = fields.List(fields.Nested(_TapSchema), required=True, validate=Length(1, MOST_TAPS))

    @post_load
    def tapped(self, data: dict[str, Any], **_given: Any) -> list[Tap]:
        """As the verb takes them, by the server's clock."""
        off = clock.now() - data["device_now"]
        return [
            Tap(**one | {"proof": Proof(one["proof"]), "key": str(one["key"]),
                         "at": one["at"] + off})
            for one in data["taps"]
        ]  # fmt: skip


class SettleForm(Asked):
    """What came of it."""

    note = Text(longest=80, required=True)


class TakeBackForm(Asked):
    """Why it was no collection; whether a walk-in's order ends, too."""

    reason = Text(longest=80, required=True)
    give_back = Flag(load_default=False)


class _DishesForm(Asked):
    """What is chosen from a menu: for each of its dishes a field of its own."""

    item_ids: tuple[int, ...] = ()

    @post_load
    def chosen(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """The dishes as pairs of item and portions."""
        counts = {ident: data.pop(f"n_{ident}") for ident in self.item_ids}
        return data | {"dishes": [(ident, count) for ident, count in counts.items() if count]}


class _SaleForm(_DishesForm):
    """What a walk-in has chosen so far."""

    person_id = IdField(load_default=None)
    mode = Choice([Mode.DINE_IN, Mode.PICK_UP], load_default=Mode.DINE_IN)
    pays_fen = Whole(0, 10_000_000, load_default=None)
    in_cash = Flag(load_default=False)
    despite_diet = Flag(load_default=False)
    key = fields.String(load_default=None, validate=_KEY)


class _Sold(_SaleForm):
    """The sale that was shown, and is meant: nothing may be missing."""

    person_id = IdField(required=True)
    pays_fen = Whole(0, 10_000_000, required=True)
    key = fields.String(required=True, validate=_KEY)


class _GuestForm(_DishesForm):
    """What guests have chosen so far, and how many they are."""

    people = Whole(1, 99, load_default=1)


class _GuestSold(_GuestForm):
    """The sale that was shown, and is meant."""

    people = Whole(1, 99, required=True)
    pays_fen = Whole(1, 10_000_000, required=True)
    key = fields.String(required=True, validate=_KEY)


class GuestBackForm(Asked):
    """Why guests have their cash back."""

    reason = Text(longest=80, required=True)


def choice_form(item_ids: Iterable[int]) -> type[Schema]:
    """The form of what is chosen from a menu of these items."""
    return _with_dishes(_SaleForm, item_ids)


def sale_form(item_ids: Iterable[int]) -> type[Schema]:
    """The form of a sale from a menu of these items."""
    return _with_dishes(_Sold, item_ids)


def guest_form(item_ids: Iterable[int]) -> type[Schema]:
    """The form of what guests choose from a menu of these items."""
    return _with_dishes(_GuestForm, item_ids)


def guest_sale_form(item_ids: Iterable[int]) -> type[Schema]:
    """The form of a sale to guests from a menu of these items."""
    return _with_dishes(_GuestSold, item_ids)


def sale_of(asked: dict[str, Any]) -> Sale:
    """What such a form says, as the verb takes it."""
    return Sale(**asked | {"mode": Mode(asked["mode"])})


def _with_dishes(form: type[Schema], item_ids: Iterable[int]) -> type[Schema]:
    ids = tuple(item_ids)
    own: dict[str, Any] = {"item_ids": ids}
    own |= {f"n_{ident}": Whole(0, 99, load_default=0) for ident in ids}
    return type(form.__name__, (form,), own)
