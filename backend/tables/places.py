"""The tree of places. A manager edits what lies below their own places."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.places.models import Place, PlaceKind, Room
from backend.staff.access import Permission, SignedInStaff
from backend.tables.catalogue import any_manager
from backend.tables.fields import Chosen, Code, Line, Ref
from backend.tables.table import Choices, Option, Table
from backend.tables.writing import update_of

place, room = table_of(Place), table_of(Room)
KINDS = {
    PlaceKind.STREET: _("街道"),
    PlaceKind.COMMUNITY: _("社区"),
    PlaceKind.ESTATE: _("小区"),
    PlaceKind.BUILDING: _("楼栋"),
}
_ORDER = list(PlaceKind)


def in_reach(me: SignedInStaff) -> ColumnElement[bool]:
    return me.covers(Permission.EDIT_TABLES, place.c.path)


def parents(session: Session, me: SignedInStaff) -> list[Option]:
    """Places that others can lie below: all but buildings."""
    return places_of(session, me, place.c.kind != PlaceKind.BUILDING)


def communities(session: Session, me: SignedInStaff) -> list[Option]:
    """Communities: where rooms are and classes meet."""
    return places_of(session, me, place.c.kind == PlaceKind.COMMUNITY)


def places_of(session: Session, me: SignedInStaff, kind: ColumnElement[bool]) -> list[Option]:
    rows = session.execute(
        select(place.c.id, place.c.code, place.c.name, place.c.kind)
        .where(in_reach(me), kind)
        .order_by(place.c.path)
    )
    return [Option(row.id, row.code, row.name, row.kind) for row in rows]


def rooms(session: Session, me: SignedInStaff) -> list[Option]:
    """Rooms, named with their community; `about` is its id."""
    rows = session.execute(
        select(room.c.id, room.c.name, place.c.name.label("place_name"), room.c.place_id)
        .join_from(room, place, place.c.id == room.c.place_id)
        .where(in_reach(me))
        .order_by(place.c.path, room.c.name)
    )
    return [
        Option(row.id, f"{row.place_name} {row.name}", f"{row.place_name} {row.name}", row.place_id)
        for row in rows
    ]


def lies_directly_below(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """A community lies in a street, an estate in a community: no level is left out."""
    if "parent_id" not in values:
        return
    above = _ORDER[_ORDER.index(PlaceKind(values["kind"])) - 1]
    if choices["parent_id"].about[values["parent_id"]] != above:
        words = {str(kind): str(word) for kind, word in KINDS.items()}
        raise Invalid(
            {"parent_id": [gettext("%(kind)s的上级应当是%(above)s。",
                                   kind=words[values["kind"]],
                                   above=words.get(above, gettext("区")))]}
        )  # fmt: skip


def _create_place(
    session: Session, _me: SignedInStaff, values: dict[str, Any], _now: datetime
) -> int:
    """The path ends in the id, which is known only after the row is there."""
    above = session.execute(
        select(place.c.path).where(place.c.id == values["parent_id"])
    ).scalar_one()
    ident = session.execute(
        insert(place).values(values | {"path": f"{above}+{values['code']}"}).returning(place.c.id)
    ).scalar_one()
    session.execute(update(place).where(place.c.id == ident).values(path=f"{above}{ident}/"))
    return int(ident)


class PlaceRow(Schema):
    """The columns of places."""

    code = Code(_("编码"), 32)
    kind = Chosen(_("类型"), KINDS, required=True, only_new=True, width=8)
    name = Line(_("名称"), 60, required=True, width=22)
    parent_id = Ref(
        _("上级编码"), parents, required=True, only_new=True,
        hint=_("街道属于区，社区属于街道，小区属于社区，楼栋属于小区。"),
    )  # fmt: skip
    address = Line(_("地址"), 120, width=36)
    phone = Line(_("电话"), 20, listed=False)
    duty_phone = Line(
        _("值班手机"), 11, listed=False, pattern=r"1[0-9]{10}", width=14,
        hint=_("11 位手机号。送餐没有人应、一直联系不上时，短信发到这里；没填的发给上一级。"),
    )  # fmt: skip


PLACES = Table(
    name="places", subject="place",
    title=_("街道社区"), noun=_("地点"), drawing="geo-alt", schema=PlaceRow,
    source=place, ident=place.c.id, key="code",
    scope=lambda me: and_(in_reach(me), place.c.kind != PlaceKind.DISTRICT),
    may_edit=any_manager,
    columns={
        name: place.c[name]
        for name in ("code", "kind", "name", "parent_id", "address", "phone", "duty_phone")
    },
    search=(place.c.name, place.c.code), order=(place.c.path,), place_of=place.c.id,
    create=_create_place, change=update_of(Place), rules=(lies_directly_below,),
    own_parent="parent_id",
)  # fmt: skip
