"""A resident's view of a meal account: their own, or of somebody they may act for."""

from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.accounts import statements
from backend.canteen.accounts.wording import ENTRIES
from backend.people.queries import Resident, check_acts_for


def get_mine(
    session: Session, me: Resident, person_id: int, month: date | None, now: datetime
) -> dict[str, Any]:
    """The one number, grants with their last day, and a month's lines. Raises NotFound.

    What one meal took from several purses is one line.
    """
    today = clock.today(now)
    check_acts_for(session, me, person_id, today)
    account = statements.get_account(session, person_id, today)
    statement = statements.get_statement(session, person_id, month or today)
    return {
        "person_id": person_id,
        "available_fen": account["available_fen"],
        "held_fen": account["held_fen"],
        "grants": [
            {"name": one["name"], "fen": one["free_fen"], "expires_on": _day(one["expires_on"])}
            for one in account["purses"]
            if one["kind"] == "grant" and one["free_fen"] and not one["over"]
        ],
        "month": f"{statement['first']:%Y-%m}",
        **{name: statement[name] for name in ("opening_fen", "in_fen", "out_fen", "closing_fen")},
        "lines": [
            _line(list(same)) for _key, same in groupby(statement["lines"], key=_together)
        ],
    }  # fmt: skip


def _together(line: dict[str, Any]) -> Any:
    """Lines with the same answer are one to a resident; every other stands for itself."""
    if line["booking_id"] is None:
        return line["id"]
    return (line["booking_id"], line["kind"], line["at"])


def _line(same: list[dict[str, Any]]) -> dict[str, Any]:
    newest = same[0]
    about = newest["grant"]
    if newest["booking_id"] is not None:
        about = f"{clock.local(newest['starts_at']):%m-%d} {newest['title']}"
    return {
        "at": clock.rfc3339(newest["at"]),
        "kind": newest["kind"],
        "name": str(ENTRIES[newest["kind"]]),
        "about": about,
        "fen": sum(one["fen"] for one in same),
        "balance_fen": newest["balance_fen"],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
