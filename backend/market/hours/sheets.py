"""Hours served as a spreadsheet: by provider, by person, and each turn by the minute."""

from typing import Any

from flask_babel import gettext as _

from backend import spreadsheets
from backend.market.grid import Minutes
from backend.market.hours.reading import Hours, Turn
from backend.market.models import ProviderKind
from backend.market.wording import KINDS
from backend.spreadsheets import Column, Sheet


def write(hours: Hours) -> bytes:
    """Three sheets; minutes are exact."""
    return spreadsheets.write_book([_providers(hours), _people(hours), _turns(hours)])


def spoken(spans: list[Minutes]) -> str:
    """The spans on the clock."""
    return " ".join(f"{clock_of(first)}–{clock_of(last)}" for first, last in spans)


def clock_of(minute: int) -> str:
    """A minute of the day as the clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _providers(hours: Hours) -> Sheet:
    columns = [
        Column(_("服务单位"), 24), Column(_("类型"), 12), Column(_("人数"), 8),
        Column(_("次数"), 8), Column(_("分钟"), 10), Column(_("小时"), 10),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for name, people in hours.organisations.items():
        minutes = sum(one.minutes for one in people)
        turns = sum(len(one.turns) for one in people)
        kind = str(KINDS[ProviderKind(people[0].kind)])
        rows.append([name, kind, len(people), turns, minutes, round(minutes / 60, 2)])
    return Sheet(_("按单位"), columns, rows)


def _people(hours: Hours) -> Sheet:
    columns = [
        Column(_("姓名"), 16), Column(_("服务单位"), 24), Column(_("次数"), 8),
        Column(_("分钟"), 10), Column(_("小时"), 10),
    ]  # fmt: skip
    rows = [
        [one.name, one.organisation, len(one.turns), one.minutes, round(one.minutes / 60, 2)]
        for one in hours.people
    ]
    return Sheet(_("按人"), columns, rows)


def _turns(hours: Hours) -> Sheet:
    columns = [
        Column(_("姓名"), 16), Column(_("服务单位"), 24), Column(_("日期"), 12),
        Column(_("集市"), 20), Column(_("地点"), 16), Column(_("服务"), 14),
        Column(_("时间"), 26), Column(_("分钟"), 8), Column(_("更正原因"), 24),
        Column(_("更正人"), 12),
    ]  # fmt: skip
    rows = [_row(one.name, one.organisation, turn) for one in hours.people for turn in one.turns]
    return Sheet(_("明细"), columns, rows)


def _row(name: str, organisation: str | None, turn: Turn) -> list[Any]:
    row = turn.row
    return [
        name, organisation, row.day, row.title, row.place_name, row.service, spoken(turn.spans),
        turn.minutes, row.reason, row.corrected_by,
    ]  # fmt: skip
