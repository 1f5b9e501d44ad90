"""What deliveries are planned by: a canteen's bags, buildings and estates."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend.canteen.delivery.models import BuildingFacts, DeliverySetting
from backend.canteen.delivery.planning import CAPACITY, LEAVE_MINUTES
from backend.canteen.delivery.wording import SKILLS
from backend.db import table_of
from backend.errors import Invalid
from backend.places.models import Place, PlaceKind
from backend.staff.access import SignedInStaff
from backend.tables.canteen import canteen, canteens
from backend.tables.catalogue import any_manager
from backend.tables.fields import Chosen, Line, Number, Ref
from backend.tables.places import in_reach, place
from backend.tables.table import Choices, Option, Table
from backend.tables.venues import YES_NO
from backend.tables.writing import insert_into, update_of

setting, facts = table_of(DeliverySetting), table_of(BuildingFacts)
_above = aliased(Place)


def houses(session: Session, me: SignedInStaff) -> list[Option]:
    """Estates and their buildings in reach, named in full; `about` is the kind."""
    rows = session.execute(
        select(place.c.id, place.c.code, place.c.name, place.c.kind, _above.name.label("above"))
        .join(_above, _above.id == place.c.parent_id)
        .where(in_reach(me), place.c.kind.in_((PlaceKind.ESTATE, PlaceKind.BUILDING)))
        .order_by(place.c.path)
    )
    return [
        Option(
            row.id, row.code,
            f"{row.above}{row.name}" if row.kind == PlaceKind.BUILDING else row.name, row.kind,
        )
        for row in rows
    ]  # fmt: skip


class SettingRow(Schema):
    """The columns of a canteen's way to deliver."""

    canteen_id = Ref(_("食堂"), canteens, required=True, only_new=True, width=24)
    bag_capacity = Number(_("一趟最多带几份"), 1, 200, load_default=CAPACITY, width=12)
    leave_minutes = Number(_("开餐前几分钟出发"), 0, 240, load_default=LEAVE_MINUTES, width=12)
    skill = Chosen(_("送餐员要有"), SKILLS, width=10, hint=_("留空就不要求。"))


class FactsRow(Schema):
    """The columns of what is known of buildings and estates."""

    place_id = Ref(_("小区或楼栋"), houses, required=True, only_new=True, width=24)
    has_lift = Chosen(_("有电梯"), YES_NO, load_default=False, width=8,
                      hint=_("小区填了有，没有单独登记的楼栋都算有。"))  # fmt: skip
    turn = Number(_("送餐时排第几"), 1, 9999, load_default=None, width=10,
                  hint=_("数字小的先送；留空的排在后面。"))  # fmt: skip
    drop_point = Line(_("集中取餐点"), 60, width=24, hint=_("只用于小区，例如：东门岗亭旁。"))
    drop_from = Number(_("满几份才送到取餐点"), 1, 500, load_default=None, width=12,
                       hint=_("不满的请居民自取或退餐。"))  # fmt: skip


def drop_point_is_whole(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """A point comes with a number of orders, and is an estate's."""
    point, least = values.get("drop_point"), values.get("drop_from")
    if (point is None) != (least is None):
        field = "drop_from" if least is None else "drop_point"
        raise Invalid({field: [gettext("取餐点和满几份要一起填。")]})
    kind = choices["place_id"].about.get(values.get("place_id", 0))
    if point is not None and kind == PlaceKind.BUILDING:
        raise Invalid({"drop_point": [gettext("集中取餐点登记在小区上，不在楼栋上。")]})


DELIVERY_SETTINGS = Table(
    name="delivery_settings", subject="delivery_setting",
    title=_("送餐设置"), noun=_("送餐设置"), drawing="clock", schema=SettingRow,
    source=setting.join(canteen, canteen.c.id == setting.c.canteen_id).join(
        place, place.c.id == canteen.c.place_id
    ),
    ident=setting.c.id, scope=in_reach, may_edit=any_manager,
    columns={name: setting.c[name] for name in SettingRow().fields},
    search=(canteen.c.name,), order=(place.c.path, canteen.c.name), place_of=canteen.c.place_id,
    create=insert_into(DeliverySetting), change=update_of(DeliverySetting),
    unique=("canteen_id",), rehearsed=True,
    note=_("没有登记的食堂：一趟 20 份，开餐前 20 分钟出发。改了只管以后截止的餐。"),
)  # fmt: skip
BUILDING_FACTS = Table(
    name="building_facts", subject="building_facts",
    title=_("楼栋送餐情况"), noun=_("楼栋情况"), drawing="building", schema=FactsRow,
    source=facts.join(place, place.c.id == facts.c.place_id), ident=facts.c.id, scope=in_reach,
    may_edit=any_manager, columns={name: facts.c[name] for name in FactsRow().fields},
    search=(place.c.name, place.c.code, facts.c.drop_point), order=(place.c.path,),
    place_of=facts.c.place_id, create=insert_into(BuildingFacts),
    change=update_of(BuildingFacts), unique=("place_id",), rules=(drop_point_is_whole,),
    rehearsed=True,
)  # fmt: skip
