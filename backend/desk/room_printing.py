"""What is on in a venue's rooms as a spreadsheet, for those who work on paper."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from backend import clock, spreadsheets
from backend.desk.day_grid import Column, Entry
from backend.desk.door import listed
from backend.places.models import OccupantKind


def book(name: str, columns: Sequence[Column]) -> bytes:
    """Everything on in the rooms as XLSX, by time; of phones the last four digits alone."""
    headings = [
        spreadsheets.Column(_("日期"), 12), spreadsheets.Column(_("开始"), 8),
        spreadsheets.Column(_("结束"), 8), spreadsheets.Column(_("房间"), 16),
        spreadsheets.Column(_("用途"), 24), spreadsheets.Column(_("预约人"), 12),
        spreadsheets.Column(_("手机尾号"), 10), spreadsheets.Column(_("人数"), 8),
        spreadsheets.Column(_("需要准备"), 24), spreadsheets.Column(_("签到"), 8),
    ]  # fmt: skip
    return spreadsheets.write(name, headings, [_row(room, one) for room, one in listed(columns)])


def _row(room: Any, one: Entry) -> list[Any]:
    starts_at, ends_at = clock.local(one.starts_at), clock.local(one.ends_at)
    return [
        starts_at.date().isoformat(), f"{starts_at:%H:%M}", f"{ends_at:%H:%M}", room.name,
        _what(one), one.who, one.last_four, one.headcount, one.wishes,
        _("已签到") if one.came else None,
    ]  # fmt: skip


def _what(one: Entry) -> str:
    if one.kind == OccupantKind.LESSON:
        return f"{one.title or ''}{_('（夜校上课）')}"
    return one.title or (_("场馆另有安排") if one.kind == OccupantKind.BLOCK else _("已占用"))
