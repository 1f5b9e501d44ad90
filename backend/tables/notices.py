"""Notices to residents, as a table: a manager writes for places in their reach."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema

from backend.db import table_of
from backend.errors import Invalid
from backend.notices.models import Notice
from backend.places.models import Place
from backend.staff.access import Permission
from backend.tables.catalogue import any_manager
from backend.tables.fields import At, Line, Lines, Ref
from backend.tables.places import parents
from backend.tables.table import Choices, Table
from backend.tables.writing import insert_into, update_of

notice, place = table_of(Notice), table_of(Place)
_COLUMNS = ("place_id", "title", "body", "published_at", "until")


class NoticeRow(Schema):
    """The columns of notices."""

    title = Line(_("标题"), 60, required=True, width=30)
    place_id = Ref(_("发布范围"), parents, required=True, width=20,
                   hint=_("住在这里的居民都能看到；选区或街道，下面的社区也会看到。"))  # fmt: skip
    body = Lines(_("正文"), 1000, required=True, listed=False, width=60)
    published_at = At(_("发布时间"), required=True, width=18,
                      hint=_("可以填以后的时间，到时自动发布。"))  # fmt: skip
    until = At(_("截止时间"), width=18, hint=_("到时自动撤下；长期有效请留空。"))


def ends_after_start(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """A notice is to be seen for a while."""
    until = values.get("until")
    if until is not None and until <= values["published_at"]:
        raise Invalid({"until": [gettext("截止时间要晚于发布时间。")]})


NOTICES = Table(
    name="notices", subject="notice",
    title=_("公告"), noun=_("公告"), drawing="bell", schema=NoticeRow,
    source=notice.join(place, place.c.id == notice.c.place_id), ident=notice.c.id,
    scope=lambda me: me.covers(Permission.EDIT_TABLES, place.c.path), may_edit=any_manager,
    columns={name: notice.c[name] for name in _COLUMNS},
    search=(notice.c.title, notice.c.body, place.c.name), order=(notice.c.published_at.desc(),),
    place_of=notice.c.place_id, create=insert_into(Notice), change=update_of(Notice),
    rules=(ends_after_start,),
    note=_("居民在手机首页看到自己小区、社区、街道和全区的公告。"),
)  # fmt: skip
