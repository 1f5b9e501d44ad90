"""Markets that are held every month: templates, their coming months, and making one by hand."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.market_repeating import DATE, WEEKDAY, MakeForm, RuleForm, TemplateForm
from backend import clock
from backend.db import db
from backend.market import plans
from backend.market.fitting import RUN
from backend.market.repeating import queries, service
from backend.market.repeating.dates import LAST, Rule
from backend.staff.access import SignedInStaff
from backend.venues.hours import write_hours


def _weeks() -> list[tuple[int, str]]:
    numbered = [(week, _("第 %(n)s 个", n=week)) for week in range(1, LAST)]
    return [*numbered, (LAST, _("最后一个"))]


def _weekdays() -> list[tuple[int, str]]:
    monday = clock.today().replace(year=2024, month=1, day=1)
    return [(one, format_date(monday.replace(day=one + 1), "EEEE")) for one in range(7)]


def spoken(rule: Rule) -> str:
    """每月第 2 个星期六, 每月 15 日."""
    if rule.day_of_month is not None:
        return str(_("每月 %(day)s 日", day=rule.day_of_month))
    week, weekday = dict(_weeks())[rule.week or 1], dict(_weekdays())[rule.weekday or 0]
    return str(_("每月%(week)s%(weekday)s", week=week, weekday=weekday))


def _chosen(rule: Rule) -> dict[str, Any]:
    """The rule as the form's fields hold it."""
    return {
        "on": WEEKDAY if rule.day_of_month is None else DATE, "week": rule.week,
        "weekday": rule.weekday, "day_of_month": rule.day_of_month,
    }  # fmt: skip


@pages.get("/market/templates")
@staff(needs=RUN)
def market_templates(me: SignedInStaff) -> Any:
    """Which markets are held every month."""
    found = queries.list_templates(db.session(), me)
    return render_template("admin/market/templates.html", found=found, spoken=spoken)


@pages.get("/market/<id:market_day_id>/template")
@staff(needs=RUN)
def market_template_page(market_day_id: int, me: SignedInStaff) -> Any:
    """On which day of every month; as this one falls, unless somebody says otherwise."""
    day = plans.get_day(db.session(), me, market_day_id)
    falls = Rule(min((day["day"].day - 1) // 7 + 1, LAST), day["day"].weekday())
    return render_template(
        "admin/market/template_form.html", day=day, template=None, weeks=_weeks(),
        weekdays=_weekdays(), form=form_of(_chosen(falls)),
    )  # fmt: skip


@pages.post("/market/<id:market_day_id>/template")
@staff(writes=True, needs=RUN, form=RuleForm, page=market_template_page)
def market_template_create(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A template of this market as it stands."""
    template_id = service.set_up(db.session(), me, market_day_id, asked["rule"], clock.now())
    return _done(_("已设为每月照办，到时候会自动建好草稿。"), template_id)


@pages.get("/market/templates/<id:template_id>")
@staff(needs=RUN)
def market_template(template_id: int, me: SignedInStaff) -> Any:
    """The coming months: made, to be made, and what clashes."""
    template = queries.get_template(db.session(), me, template_id, clock.now())
    return render_template(
        "admin/market/template.html", template=template, spoken=spoken, spans=write_hours,
        problem=form_of().problem, ahead=service.AHEAD.days,
    )  # fmt: skip


@pages.get("/market/templates/<id:template_id>/change")
@staff(needs=RUN)
def market_template_change_page(template_id: int, me: SignedInStaff) -> Any:
    """Its title, spot and day."""
    template = service.access(db.session(), me, template_id)
    values = {"title": template.title, "spot": template.spot} | _chosen(service.rule_of(template))
    return render_template(
        "admin/market/template_form.html", template=template, weeks=_weeks(),
        weekdays=_weekdays(), form=form_of(values),
    )  # fmt: skip


@pages.post("/market/templates/<id:template_id>/change")
@staff(writes=True, needs=RUN, form=TemplateForm, page=market_template_change_page)
def market_template_change(template_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What is made from now on."""
    service.change(db.session(), me, template_id, **asked)
    return _done(_("已保存，已经建好的场次不变。"), template_id)


@pages.post("/market/templates/<id:template_id>/make")
@staff(writes=True, needs=RUN, form=MakeForm, page=market_template)
def market_template_make(template_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """One month's market at once; stalls that cannot come along are named."""
    made = service.make(db.session(), me, template_id, asked["day"], clock.now())
    for one in made.left_out:
        flash(_("没有带过来：%(what)s", what=one), "warning")
    flash(_("草稿已建好，核对后开放给居民。"), "success")
    return redirect(url_for("admin.market_day", market_day_id=made.market_day_id))


@pages.post("/market/templates/<id:template_id>/end")
@staff(writes=True, needs=RUN, page=market_template)
def market_template_end(template_id: int, me: SignedInStaff) -> Any:
    """No more months."""
    service.end(db.session(), me, template_id, clock.now())
    return _done(_("以后不再自动建了，已经建好的场次不变。"), template_id)


def _done(sentence: str, template_id: int) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.market_template", template_id=template_id))
