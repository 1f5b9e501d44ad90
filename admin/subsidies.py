"""Subsidy rules: the list, one with its versions, the next version drafted and published."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.subsidies import BASES, PARTS, NewRuleForm, StopForm, TermsForm
from backend import clock
from backend.canteen.eaters.wording import CATEGORIES
from backend.canteen.pricing import keeping, listing
from backend.canteen.pricing.keeping import SET
from backend.canteen.pricing.listing import SEE
from backend.canteen.pricing.rules import Payer
from backend.canteen.pricing.settlement import SETTLE
from backend.canteen.pricing.wording import PAYERS
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.money import in_yuan
from backend.staff.access import SignedInStaff

_YUAN = {"fixed": "fixed_fen", "least": "min_spend_fen", "cap": "cap_fen", "day": "day_fen",
         "week": "week_fen", "percent": "percent"}  # fmt: skip


@pages.get("/subsidies")
@staff(needs=SEE)
def subsidies(me: SignedInStaff) -> Any:
    """The rules that hold at my places."""
    found = listing.list_rules(db.session(), me, clock.today())
    return render_template(
        "admin/subsidies/list.html", found=found, may_set=me.holds(SET), may_settle=me.holds(SETTLE)
    )


@pages.get("/subsidies/new")
@staff(needs=SET)
def subsidy_new(me: SignedInStaff) -> Any:
    """The form for a rule that is not there yet."""
    session = db.session()
    places = keeping.places_for(session, me)
    tops = me.paths(SET)
    homes = {ident: name for path in tops for ident, name in keeping.homes_for(session, path)}
    return _form_page(
        form_of({"base": BASES[0], "starts_on": clock.today()}), tuple(homes.items()),
        payers=keeping.payers_of(me, tops[0]), places=places, rule=None,
    )  # fmt: skip


@pages.post("/subsidies/new")
@staff(writes=True, needs=SET, form=NewRuleForm, page=subsidy_new)
def subsidy_create(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A rule with a draft."""
    rule_id = keeping.create(db.session(), me, **asked)
    return _to(rule_id, _("草稿已保存。核对无误后发布，规则才会生效。"))


@pages.get("/subsidies/<id:rule_id>")
@staff(needs=SEE)
def subsidy(rule_id: int, me: SignedInStaff) -> Any:
    """One rule with all its versions."""
    rule = listing.get_rule(db.session(), me, rule_id, clock.today())
    return render_template(
        "admin/subsidies/rule.html", rule=rule, form=form_of({"ends_on": rule["ends_on"]})
    )


@pages.get("/subsidies/<id:rule_id>/draft")
@staff(needs=SET)
def subsidy_draft_form(rule_id: int, me: SignedInStaff) -> Any:
    """The form for the next version, filled from the draft, else from the newest one."""
    session = db.session()
    rule = keeping.access_rule(session, me, rule_id)
    newest = listing.get_rule(session, me, rule_id, clock.today())["versions"][0]
    filled = _filled(newest["row"])
    if newest["published_at"] is not None:
        filled |= {"starts_on": "", "ends_on": ""}
    return _form_page(
        form_of(filled), keeping.homes_for(session, rule.path),
        payers=keeping.payers_of(me, rule.path), places=None, rule=rule,
    )  # fmt: skip


@pages.post("/subsidies/<id:rule_id>/draft")
@staff(writes=True, needs=SET, form=TermsForm, page=subsidy_draft_form)
def subsidy_draft(rule_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What the next version says."""
    keeping.set_draft(db.session(), me, rule_id, asked["terms"])
    return _to(rule_id, _("草稿已保存。核对无误后发布，规则才会生效。"))


@pages.post("/subsidies/<id:rule_id>/publish")
@staff(writes=True, needs=SET, page=subsidy)
def subsidy_publish(rule_id: int, me: SignedInStaff) -> Any:
    """From its first day on it holds."""
    keeping.publish(db.session(), me, rule_id, clock.now())
    return _to(rule_id, _("已发布。已经订好的餐价格不变。"))


@pages.post("/subsidies/<id:rule_id>/discard")
@staff(writes=True, needs=SET, page=subsidy)
def subsidy_discard(rule_id: int, me: SignedInStaff) -> Any:
    """The draft goes."""
    if keeping.discard(db.session(), me, rule_id):
        return _to(rule_id, _("草稿已删除。"))
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("admin.subsidies"))


@pages.post("/subsidies/<id:rule_id>/stop")
@staff(writes=True, needs=SET, form=StopForm, page=subsidy)
def subsidy_stop(rule_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The last day of the rule, or none."""
    keeping.stop(db.session(), me, rule_id, asked["ends_on"], clock.now())
    return _to(rule_id, _("已保存。"))


def _form_page(form: Any, homes: Any, **more: Any) -> str:
    return render_template(
        "admin/subsidies/form.html", form=form, homes=homes, parts_numbers=PARTS, bases=BASES,
        categories=CATEGORIES, meals=MEALS, modes=MODES, payer_words=PAYERS, **more,
    )  # fmt: skip


def _filled(row: Any) -> dict[str, Any]:
    """A version as the form shows it."""
    names = ("starts_on", "ends_on", "min_age", "max_age", "home_place_id", "categories", "meals",
             "modes", "second_portion")  # fmt: skip
    shown = {name: getattr(row, name) for name in names}
    shown["base"] = BASES[0] if row.on_list else BASES[1]
    for number, part in enumerate(row.parts, 1):
        for name, column in _YUAN.items():
            shown[f"{name}_{number}"] = in_yuan(part[column]) if part.get(column) else None
        for name in ("day_meals", "week_meals"):
            shown[f"{name}_{number}"] = part.get(name)
        for payer in Payer:
            shown[f"{payer}_{number}"] = part["payers"].get(payer)
    return shown


def _to(rule_id: int, sentence: str) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.subsidy", rule_id=rule_id))
