"""Cases in which nobody answered the door: what is open, the ladder of one, how it ended."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.canteen_orders import meal_order
from admin.doors import staff
from admin.forms import form_of
from admin.refusals import by_htmx
from admin.schemas.standing_orders import DayForm
from admin.schemas.welfare import AddForm, EndForm, OpenForm, StepForm
from admin.standing_orders import person_standing
from admin.templating import day as in_words
from backend import clock
from backend.booking.codes import new_code
from backend.canteen.welfare import queries, wording
from backend.canteen.welfare.queries import CARE
from backend.canteen.welfare.service import Ending, Tried
from backend.canteen.wording import MEALS
from backend.db import db
from backend.desk import welfare
from backend.desk.standing_orders import ORDER
from backend.staff.access import SignedInStaff

WORDS = {
    "meals": MEALS, "steps": wording.STEPS, "rungs": wording.RUNGS, "answers": wording.ANSWERS,
    "outcomes": wording.OUTCOMES, "foods": wording.FOODS,
}  # fmt: skip


@pages.context_processor
def welfare_now() -> dict[str, Any]:
    """What is open, for first pages; at dinner, whose lunch was not taken."""
    return {"open_welfare": _open, "missed_lunch": _missed_lunch}


@pages.get("/welfare")
@staff(needs=CARE)
def welfare_cases(me: SignedInStaff) -> Any:
    """What is open, with the minutes that have passed; what was closed lately."""
    now = clock.now()
    return render_template(
        "admin/welfare/list.html", found=welfare.list_cases(db.session(), me, now), at=now, **WORDS
    )  # fmt: skip


@pages.get("/welfare/alarm")
@staff(needs=CARE)
def welfare_alarm(me: SignedInStaff) -> Any:
    """What is open, as the first pages show it anew."""
    return render_template("admin/welfare/_alarm.html")


@pages.get("/welfare/<id:case_id>")
@staff(needs=CARE)
def welfare_case(case_id: int, me: SignedInStaff) -> Any:
    """The ladder, whom to ask, what was tried."""
    return _page(case_id, me)


@pages.post("/welfare/<id:case_id>/phones")
@staff(writes=True, needs=CARE)
def welfare_phones(case_id: int, me: SignedInStaff) -> Any:
    """Whole numbers, to be rung; the audit keeps that they were looked at."""
    contacts = welfare.reveal_phones(db.session(), me, case_id, clock.now())
    if by_htmx():
        return render_template("admin/welfare/_contacts.html", contacts=contacts, **WORDS)
    return _page(case_id, me, contacts)


@pages.post("/welfare/<id:case_id>/steps")
@staff(writes=True, needs=CARE, form=StepForm, page=welfare_case)
def welfare_log(case_id: int, me: SignedInStaff, asked: dict[str, Tried]) -> Any:
    """Something was tried."""
    welfare.log(db.session(), me, case_id, asked["tried"], clock.now())
    return _to(case_id, _("已记下。"))


@pages.post("/welfare/<id:case_id>/close")
@staff(writes=True, needs=CARE, form=EndForm, page=welfare_case)
def welfare_close(case_id: int, me: SignedInStaff, asked: dict[str, Ending]) -> Any:
    """It is known how they are."""
    welfare.close(db.session(), me, case_id, asked["ending"], clock.now())
    return _to(case_id, _("核实已经结束。"))


@pages.post("/welfare/<id:case_id>/add")
@staff(writes=True, needs=CARE, form=AddForm, page=welfare_case)
def welfare_add(case_id: int, me: SignedInStaff, asked: dict[str, str]) -> Any:
    """Something came to be known later."""
    welfare.add(db.session(), me, case_id, asked["note"], clock.now())
    return _to(case_id, _("已补充。"))


@pages.post("/canteens/orders/<id:booking_id>/no-answer")
@staff(writes=True, needs=CARE, form=OpenForm, page=meal_order)
def welfare_open(booking_id: int, me: SignedInStaff, asked: dict[str, str]) -> Any:
    """A courier has rung up: nobody answers."""
    case_id = welfare.open_case(db.session(), me, booking_id, asked["key"], clock.now())
    if case_id is None:
        flash(_("已经登记过不在家，或者这份餐已经有人领了，不用核实。"), "info")
        return redirect(url_for("admin.meal_order", booking_id=booking_id))
    return _to(case_id, _("已开始核实，请先给本人打电话。"))


@pages.post("/people/<id:person_id>/absences")
@staff(writes=True, needs=ORDER, form=DayForm, page=person_standing)
def absence_announce(me: SignedInStaff, person_id: int, asked: dict[str, date]) -> Any:
    """Somebody has called: not at home that day."""
    welfare.announce(db.session(), me, person_id, asked["day"], clock.now())
    told = _("已登记%(day)s不在家。已订的餐照常送，要退请另外退订。", day=in_words(asked["day"]))
    flash(told, "success")
    return redirect(url_for("admin.person_standing", person_id=person_id))


@pages.post("/people/<id:person_id>/absences/take-back")
@staff(writes=True, needs=ORDER, form=DayForm, page=person_standing)
def absence_take_back(me: SignedInStaff, person_id: int, asked: dict[str, date]) -> Any:
    """At home after all."""
    welfare.take_back(db.session(), me, person_id, asked["day"])
    flash(_("已取消%(day)s不在家的登记。", day=in_words(asked["day"])), "success")
    return redirect(url_for("admin.person_standing", person_id=person_id))


def _open() -> dict[str, Any]:
    me = g.get("me")
    cases = welfare.list_open(db.session(), me) if me and me.holds(CARE) else []
    return {"cases": cases, "at": clock.now(), **WORDS}


def _missed_lunch(meal: str, day: date, orders: Iterable[Mapping[str, Any]]) -> set[int]:
    """Of those who ordered a dinner, who did not have their lunch; of other meals nobody."""
    people = [one["person_id"] for one in orders]
    return queries.lunch_not_taken(db.session(), meal, people, day, clock.now())


def _page(case_id: int, me: SignedInStaff, contacts: Any = None) -> Any:
    now = clock.now()
    case = welfare.get_case(db.session(), me, case_id, now)
    return render_template(
        "admin/welfare/case.html", case=case, at=now, form=form_of(), new_key=new_code,
        contacts=contacts or case["contacts"], shown=contacts is not None, **WORDS,
    )  # fmt: skip


def _to(case_id: int, told: str) -> Any:
    flash(told, "success")
    return redirect(url_for("admin.welfare_case", case_id=case_id))
