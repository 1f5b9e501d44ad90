"""Grid workers: who is asked when somebody does not answer the door."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session

from backend.canteen.welfare.models import GridWorker
from backend.db import table_of
from backend.places.models import Place, PlaceKind
from backend.staff.access import SignedInStaff
from backend.tables.catalogue import any_manager
from backend.tables.fields import Line, Ref
from backend.tables.places import in_reach, places_of
from backend.tables.table import Option, Table
from backend.tables.writing import insert_into, update_of

worker, place = table_of(GridWorker), table_of(Place)


def quarters(session: Session, me: SignedInStaff) -> list[Option]:
    """Communities and estates."""
    return places_of(
        session, me, place.c.kind.in_((PlaceKind.COMMUNITY, PlaceKind.ESTATE))
    )  # fmt: skip


class GridWorkerRow(Schema):
    """The columns of grid workers."""

    place_id = Ref(_("社区或小区"), quarters, required=True, only_new=True, width=22)
    name = Line(_("姓名"), 20, required=True, width=12)
    phone = Line(_("电话"), 20, required=True, width=16)
    about = Line(_("管哪几栋"), 40, width=24, hint=_("例如：第三网格，1 到 6 号楼。"))


def _columns() -> dict[str, Any]:
    return {name: worker.c[name] for name in GridWorkerRow().fields}


GRID_WORKERS = Table(
    name="grid_workers", subject="grid_worker",
    title=_("网格员"), noun=_("网格员"), drawing="person-badge", schema=GridWorkerRow,
    source=worker.join(place, place.c.id == worker.c.place_id), ident=worker.c.id, scope=in_reach,
    may_edit=any_manager, columns=_columns(), search=(worker.c.name, place.c.name),
    order=(place.c.path, worker.c.name), place_of=worker.c.place_id,
    create=insert_into(GridWorker), change=update_of(GridWorker),
    together=("place_id", "name"), rehearsed=True,
    note=_("送餐上门没有人应时，工作人员按这里的电话联系网格员。"),
)  # fmt: skip
