"""The roster as a spreadsheet, for those who work on paper."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend import spreadsheets
from backend.money import decimal, in_yuan
from backend.night_school import roster as reads
from backend.night_school.classes import lessons_of
from backend.night_school.fees import queries as fees
from backend.night_school.fees.wording import METHOD, STATE
from backend.night_school.wording import word
from backend.spreadsheets import Column


def roster(session: Session, run: dict[str, Any], now: datetime) -> bytes:
    """The confirmed of a class as XLSX, with their attendance of each lesson that was taken.

    No full phone numbers: those are looked up one by one.
    """
    columns = [
        Column(_("序号"), 6), Column(_("姓名"), 12), Column(_("年龄"), 6), Column(_("小区"), 18),
        Column(_("手机"), 14), Column(_("联系人"), 12), Column(_("报名时间"), 18),
        Column(_("到课次数"), 10), Column(_("缺席次数"), 10), Column(_("请假次数"), 10),
        Column(_("备注"), 24),
    ]  # fmt: skip
    held = [one for one in lessons_of(session, run["id"], now) if one["marked"]]
    columns += [
        Column(f"{_('第%(n)s次', n=one['number'])} {one['starts_at'][5:10]}") for one in held
    ]
    owed = fees.of_run(session, run["id"])
    if owed:
        columns += [Column(_("应交（元）"), 10), Column(_("交费情况"), 16)]
    people, marks = reads.roster(session, run["id"], now), reads.marks(session, run["id"])
    rows = [
        [
            number, one["name"], one["age"], one["home_name"], one["phone"], one["contact_name"],
            one["created_at"][:16].replace("T", " "), one["came"], one["absent"],
            one["excused"], one["note"],
            *(_word(marks, one["booking_id"], lesson["id"]) for lesson in held),
            *(_owed(owed.get(one["booking_id"])) if owed else ()),
        ]
        for number, one in enumerate(people, 1)
    ]  # fmt: skip
    return spreadsheets.write(run["title"], columns, rows)


def _owed(fee: dict[str, Any] | None) -> tuple[Decimal | None, str]:
    """The amount in yuan, and where it stands, with the difference that is open."""
    if fee is None:
        return None, ""
    how = METHOD[fee["method"]] if fee["method"] else None
    open_fen = (fee["due_fen"] or fee["refund_fen"]) if fee["paid_fen"] else 0
    said = (STATE[fee["state"]], _("%(yuan)s 元", yuan=in_yuan(open_fen)) if open_fen else how)
    return decimal(fee["amount_fen"]), " ".join(str(one) for one in said if one)


def _word(marks: dict[tuple[int, int], str], booking_id: int, lesson_id: int) -> str:
    found = marks.get((booking_id, lesson_id))
    return "" if found is None else word(found)
