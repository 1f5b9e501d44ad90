"""Applying for a draw at the desk: for whoever comes to the counter, by the same rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import rules
from backend.desk.reach import access_person, place_of
from backend.night_school import facts
from backend.night_school.draws import queries, service
from backend.night_school.draws.models import DrawApplication
from backend.night_school.draws.service import APPLY_RULES, Application
from backend.people.models import Account
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

BOOK = Permission.BOOK_FOR_PEOPLE


def list_draws(
    session: Session, me: SignedInStaff, person_id: int, now: datetime
) -> list[dict[str, Any]]:
    """The draws that take applications, each with the person's own; and those applied for.

    Raises NotFound.
    """
    access_person(session, me, Permission.SEE_PEOPLE, person_id)
    applied = {one["draw_id"]: one for one in queries.list_of(session, person_id, now)}
    return [
        draw | {"application": applied.get(draw["id"])}
        for draw in queries.list_draws(session, now)
        if draw["state"] == "open" or draw["id"] in applied
    ]


def get_form(
    session: Session, me: SignedInStaff, person_id: int, draw_id: int, now: datetime
) -> dict[str, Any]:
    """One draw with what each of its runs says to the person, and their application if any.

    Raises NotFound.
    """
    access_person(session, me, BOOK, person_id)
    draw = queries.get_draw(session, draw_id, now)
    sights = facts.for_many(session, [run["id"] for run in draw["runs"]], person_id, now)
    runs = [
        run | {"reasons": _against(sights[run["id"]])}
        for run in draw["runs"]
        if not run["cancelled"]
    ]
    return draw | {"runs": runs, "application": _application(session, person_id, draw_id, now)}


def apply_for(
    session: Session, me: SignedInStaff, person_id: int, draw_id: int, run_ids: list[int],
    most: int, now: datetime,
) -> None:  # fmt: skip
    """Apply for the person, or put other wishes in the place of those there are.

    It stays with the account that applied, else goes to the person's own, if they have one. Raises
    NotFound and what `service.apply` does.
    """
    person = access_person(session, me, BOOK, person_id)
    before = _application(session, person_id, draw_id, now)
    asked = Application(person_ids=[person_id], run_ids=run_ids, most=most)
    account_id = _account_of(session, person_id, draw_id)
    service.apply_for(session, account_id, draw_id, asked, now)
    audit.record(
        session, me.staff_id, "draw.apply", "draw", draw_id, place_id=place_of(session, me, person),
        before=_noted(before), after={"person_id": person_id, "run_ids": run_ids, "most": most},
    )  # fmt: skip


def withdraw_for(
    session: Session, me: SignedInStaff, person_id: int, draw_id: int, now: datetime
) -> None:
    """Take the person's application back; nothing happens where there is none.

    Raises NotFound, AlreadyDrawn.
    """
    person = access_person(session, me, BOOK, person_id)
    before = _application(session, person_id, draw_id, now)
    service.withdraw_for(session, draw_id, person_id, now)
    if before is None or before["withdrawn"]:
        audit.unchanged(session)
        return
    audit.record(
        session, me.staff_id, "draw.withdraw", "draw", draw_id,
        place_id=place_of(session, me, person), before=_noted(before),
        after={"person_id": person_id, "withdrawn": True},
    )  # fmt: skip


def _against(sight: facts.Sight) -> list[str]:
    return [str(one) for one in rules.reasons(sight.facts, rules=APPLY_RULES)]


def _application(
    session: Session, person_id: int, draw_id: int, now: datetime
) -> dict[str, Any] | None:
    return next(iter(queries.list_of(session, person_id, now, draw_id)), None)


def _account_of(session: Session, person_id: int, draw_id: int) -> int | None:
    applied = select(DrawApplication.account_id).where(
        DrawApplication.draw_id == draw_id, DrawApplication.person_id == person_id
    )
    own = select(Account.id).where(Account.person_id == person_id)
    return session.scalar(applied) or session.scalar(own)


def _noted(application: dict[str, Any] | None) -> dict[str, Any] | None:
    if application is None:
        return None
    wishes = [wish["run_id"] for wish in application["wishes"]]
    return {"run_ids": wishes, "most": application["most"]}
