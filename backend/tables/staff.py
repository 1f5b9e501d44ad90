"""Staff accounts as a table, so that a district can bring its list; roles and passwords are given
on the pages about staff.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.places.models import Place, PlaceKind
from backend.staff import accounts
from backend.staff.access import LEVELS, Permission, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole
from backend.tables.fields import Chosen, Code, Line, Ref
from backend.tables.table import Choices, Option, Table

account, role, place = table_of(Staff), table_of(StaffRole), table_of(Place)
ROLES = {
    Role.MANAGER: _("管理员"), Role.WORKER: _("社区工作者"), Role.TEACHER: _("授课老师"),
    Role.CLERK: _("食堂文员"), Role.COOK: _("厨师"), Role.DISPATCHER: _("配送调度"),
    Role.COURIER: _("送餐员"), Role.COUNTER: _("取餐窗口"), Role.ACCOUNTANT: _("会计"),
}  # fmt: skip
_earlier = role.alias("earlier")
_FIRST = (
    select(func.min(_earlier.c.id))
    .where(_earlier.c.staff_id == account.c.id)
    .correlate(account)
    .scalar_subquery()
)


def workplaces(session: Session, me: SignedInStaff) -> list[Option]:
    """The places roles can be given at."""
    rows = session.execute(
        select(place.c.id, place.c.code, place.c.name, place.c.kind)
        .where(
            me.covers(Permission.MANAGE_STAFF, place.c.path),
            place.c.kind.in_([PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY]),
        )
        .order_by(place.c.path)
    )
    return [Option(row.id, row.code, row.name, row.kind) for row in rows]


class StaffRow(Schema):
    """The columns of staff accounts: who, and the first role they were given."""

    username = Code(_("用户名"), 32, shape=r"[a-z][a-z0-9._-]{2,31}",
                    hint=_("3-32 位小写字母、数字、点或横线，以字母开头。"))  # fmt: skip
    name = Line(_("姓名"), 40, required=True)
    role = Chosen(_("岗位"), ROLES, required=True, only_new=True, width=12)
    place_id = Ref(_("工作地点"), workplaces, required=True, only_new=True, width=20)


def fits_the_place(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """A worker works in a community; everybody else at any level."""
    if "role" not in values:
        return
    kind = choices["place_id"].about[values["place_id"]]
    if PlaceKind(kind) not in LEVELS[Role(values["role"])]:
        raise Invalid({"place_id": [gettext("这个岗位不能设在这一级。")]})


def _create(session: Session, me: SignedInStaff, values: dict[str, Any], now: datetime) -> int:
    made = accounts.create(
        session, me, values["username"], values["name"], Role(values["role"]),
        values["place_id"], now,
    )  # fmt: skip
    return made.staff_id


def _change(
    session: Session, me: SignedInStaff, ident: int, values: dict[str, Any], _now: datetime
) -> None:
    accounts.rename(session, me, ident, values["name"])


STAFF = Table(
    name="staff", subject="staff",
    title=_("工作人员"), noun=_("工作人员"), drawing="person-badge",
    schema=StaffRow, key="username", ident=account.c.id,
    source=account.join(role, role.c.id == _FIRST).join(place, place.c.id == role.c.place_id),
    scope=lambda me: and_(
        me.covers(Permission.MANAGE_STAFF, place.c.path), account.c.left_at.is_(None)
    ),
    may_edit=lambda me: me.holds(Permission.MANAGE_STAFF),
    columns={
        "username": account.c.username, "name": account.c.name, "role": role.c.role,
        "place_id": role.c.place_id,
    },
    search=(account.c.name, account.c.username, place.c.name),
    order=(place.c.path, account.c.name), place_of=role.c.place_id,
    create=_create, change=_change, rules=(fits_the_place,),
    page=("admin.staff_one", "staff_id"),
    note=_("新账号的一次性密码：到“工作人员”打开这个账号，重置密码后当面告诉本人。"),
)  # fmt: skip
