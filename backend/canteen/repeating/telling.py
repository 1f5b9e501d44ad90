"""What is told about standing orders: meals that were left out, and why, once for all of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.models import Canteen, Meal
from backend.canteen.repeating.models import Why
from backend.canteen.repeating.wording import WHY
from backend.canteen.wording import MEALS
from backend.db import AnyRow
from backend.people.models import Person
from backend.reminders import moments, outbox, wording
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message, Template

PAGE = "canteen/pages/standing"
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A meal, as `due` reads it, that was not made, and why."""

    meal: AnyRow
    why: Why


def tell_left_out(
    session: Session, person_id: int, left_out: Sequence[LeftOut], now: datetime
) -> None:
    """One message about all that an account asked for at a canteen, to whoever it is."""
    by_asker: dict[tuple[int | None, int], list[LeftOut]] = {}
    for one in left_out:
        by_asker.setdefault((one.meal.account_id, one.meal.canteen_id), []).append(one)
    for (account_id, canteen_id), theirs in by_asker.items():
        meals = [
            {
                "day": one.meal.day.isoformat(), "meal": one.meal.meal, "why": one.why,
                "closes_at": clock.rfc3339(one.meal.closes_at),
            }
            for one in theirs
        ]  # fmt: skip
        outbox.tell(
            session, Kind.CHANGED, person_id=person_id, account_id=account_id, now=now,
            facts={"left_out": meals, "canteen_id": canteen_id},
        )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The canteens of these reminders, and whose meals they are."""
    wanted = [due for due in dues if "left_out" in due.facts]
    if not wanted:
        return {}
    canteens = {
        row.id: row
        for row in session.execute(
            select(Canteen.id, Canteen.name, Canteen.place_id, Canteen.phone).where(
                Canteen.id.in_([due.facts["canteen_id"] for due in wanted])
            )
        )
    }
    names = {
        row.id: row.name
        for row in session.execute(
            select(Person.id, Person.name).where(Person.id.in_([due.person_id for due in wanted]))
        )
    }
    return {due.id: (canteens[due.facts["canteen_id"]], names[due.person_id]) for due in wanted}


def word(due: Due, about: Any, now: datetime) -> Message | None:
    """Which meals, why, and what can be done; nothing once all of them are closed."""
    canteen, name = about
    still = [
        one
        for one in due.facts["left_out"]
        if datetime.fromisoformat(one["closes_at"]) > now
    ]  # fmt: skip
    if not still:
        return None
    closes_at = min(datetime.fromisoformat(one["closes_at"]) for one in still)
    named = _("；").join(_one(one) for one in still[:MOST_NAMED])
    if len(still) > MOST_NAMED:
        named = _("%(named)s等 %(count)s 餐", named=named, count=len(still))
    whose = _("您") if due.own else name
    body = _(
        "%(to)s您好，%(whose)s在%(canteen)s的固定订餐有没订上的：%(named)s。请在%(closes)s前处理，或给食堂打电话。",
        to=due.to, whose=whose, canteen=canteen.name, named=named,
        closes=moments.spoken(closes_at, now),
    )  # fmt: skip
    return Message(
        title=_("固定订餐没有订上"), body=body, page=PAGE, template=Template.CHANGED,
        fields={
            "thing1": canteen.name, "thing2": _("固定订餐没有订上"),
            "time3": moments.field(closes_at), "thing4": _("请在截止前处理"),
        },
        place_id=canteen.place_id, deadline=closes_at,
    )  # fmt: skip


def _one(left_out: Mapping[str, str]) -> str:
    day = format_date(date.fromisoformat(left_out["day"]), str(_("M月d日（EEE）")))
    meal, why = MEALS[Meal(left_out["meal"])], WHY[Why(left_out["why"])]
    return str(_("%(day)s%(meal)s（%(why)s）", day=day, meal=meal, why=why))


wording.register("standing_meal", read, word)
