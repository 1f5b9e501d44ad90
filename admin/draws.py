"""Draws: set up, committed to, opened, fixed, drawn; results, reasons and the published file."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.schemas.draws import (
    DrawForm,
    LookUp,
    NewDrawForm,
    NumberForm,
    NumberNameForm,
    RunsForm,
)
from backend import clock
from backend.db import db
from backend.errors import Invalid
from backend.night_school.draws import choices, desk, queries
from backend.night_school.draws.desk import Rules
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/draws")
@staff(needs=MANAGE)
def draws(me: SignedInStaff) -> Any:
    """The draws in reach."""
    found = queries.list_for_staff(db.session(), me, clock.now())
    return render_template("admin/draws/list.html", draws=found)


@pages.get("/draws/new")
@staff(needs=MANAGE)
def new_draw_page(me: SignedInStaff) -> Any:
    """The form for a new draw."""
    session = db.session()
    return render_template(
        "admin/draws/form.html",
        draw=None,
        terms=choices.terms(session, clock.now()),
        places=choices.places(session, me),
    )


@pages.post("/draws/new")
@staff(writes=True, needs=MANAGE, form=NewDrawForm, page=new_draw_page)
def new_draw(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A draw without classes yet."""
    term_id, place_id = asked.pop("term_id"), asked.pop("place_id")
    draw_id = desk.new_draw(db.session(), me, term_id, place_id, Rules(**asked), clock.now())
    return _done(_("摇号已建立，接着选班级。"), draw_id, "admin.draw_runs_page")


@pages.get("/draws/<id:draw_id>")
@staff(needs=MANAGE)
def draw_page(draw_id: int, me: SignedInStaff) -> Any:
    """One draw: what comes next, rules and fingerprints, classes; reasons by name or code."""
    session, now = db.session(), clock.now()
    text = read(LookUp, request.args).get("text")
    return render_template(
        "admin/draws/draw.html",
        draw=queries.get_for_staff(session, me, draw_id, now),
        work=queries.work_of(session, draw_id, now),
        text=text,
        people=queries.list_all(session, draw_id, now, text) if text else [],
    )


@pages.get("/draws/<id:draw_id>/change")
@staff(needs=MANAGE)
def change_draw_page(draw_id: int, me: SignedInStaff) -> Any:
    """The form with the rules as they are."""
    draw = queries.get_for_staff(db.session(), me, draw_id, clock.now())
    return render_template("admin/draws/form.html", draw=draw)


@pages.post("/draws/<id:draw_id>/change")
@staff(writes=True, needs=MANAGE, form=DrawForm, page=change_draw_page)
def change_draw(draw_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Other rules, before residents see the draw."""
    desk.change_draw(db.session(), me, draw_id, Rules(**asked), clock.now())
    return _done(_("规则已保存。"), draw_id)


@pages.post("/draws/<id:draw_id>/delete")
@staff(writes=True, needs=MANAGE, page=draw_page)
def delete_draw(draw_id: int, me: SignedInStaff) -> Any:
    """Take a draw that residents have not seen away."""
    desk.delete_draw(db.session(), me, draw_id)
    flash(_("摇号已删除，它的班恢复先到先得。"))
    return redirect(url_for("admin.draws"))


@pages.get("/draws/<id:draw_id>/runs")
@staff(needs=MANAGE)
def draw_runs_page(draw_id: int, me: SignedInStaff) -> Any:
    """The classes of the term that could be drawn, to tick."""
    session, now = db.session(), clock.now()
    draw = desk.access(session, me, draw_id)
    return render_template(
        "admin/draws/runs.html", draw=draw, runs=desk.drawable(session, me, draw, now)
    )


@pages.post("/draws/<id:draw_id>/runs")
@staff(writes=True, needs=MANAGE, form=RunsForm, page=draw_runs_page)
def set_draw_runs(draw_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Exactly the ticked classes are drawn."""
    desk.set_runs(db.session(), me, draw_id, asked["run_ids"], clock.now())
    return _done(_("班级已保存，共 %(count)s 个。", count=len(asked["run_ids"])), draw_id)


@pages.post("/draws/<id:draw_id>/commit")
@staff(writes=True, needs=MANAGE, page=draw_page)
def commit_draw(draw_id: int, me: SignedInStaff) -> Any:
    """Make the secret and show its fingerprint."""
    desk.seal(db.session(), me, draw_id, clock.now())
    return _done(_("种子已随机生成并封存，指纹已公布在下面。"), draw_id)


@pages.post("/draws/<id:draw_id>/publish")
@staff(writes=True, needs=MANAGE, page=draw_page)
def publish_draw(draw_id: int, me: SignedInStaff) -> Any:
    """Residents see it from now on."""
    desk.publish(db.session(), me, draw_id, clock.now())
    return _done(_("摇号已对居民公布，到时间自动开放登记。"), draw_id)


@pages.post("/draws/<id:draw_id>/close")
@staff(writes=True, needs=MANAGE, page=draw_page)
def close_draw(draw_id: int, me: SignedInStaff) -> Any:
    """Fix the list now that the window has ended."""
    desk.close(db.session(), me, draw_id, clock.now())
    return _done(_("名单已固定，指纹已公布。"), draw_id)


@pages.get("/draws/<id:draw_id>/rehearsal")
@staff(needs=MANAGE)
def rehearse_draw(draw_id: int, me: SignedInStaff) -> Any:
    """A dry run, made anew each time the page is opened."""
    session, now = db.session(), clock.now()
    draw = queries.get_for_staff(session, me, draw_id, now)
    tally = desk.rehearse(session, me, draw_id, now)
    return render_template("admin/draws/rehearsal.html", draw=draw, tally=tally)


@pages.get("/draws/<id:draw_id>/number")
@staff(needs=MANAGE)
def draw_number_page(draw_id: int, me: SignedInStaff) -> Any:
    """The form to name a later public number."""
    draw = queries.get_for_staff(db.session(), me, draw_id, clock.now())
    return render_template("admin/draws/number.html", draw=draw)


@pages.post("/draws/<id:draw_id>/number")
@staff(writes=True, needs=MANAGE, form=NumberNameForm, page=draw_number_page)
def name_draw_number(draw_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A later number, because the first was out before the list was fixed."""
    name, at = asked["number_name"], asked["number_at"]
    desk.name_number(db.session(), me, draw_id, name, at, clock.now())
    return _done(_("已改用之后的一期号码。"), draw_id)


@pages.get("/draws/<id:draw_id>/conduct")
@staff(needs=MANAGE)
def conduct_draw_page(draw_id: int, me: SignedInStaff) -> Any:
    """The form for the public number, and what happens then."""
    draw = queries.get_for_staff(db.session(), me, draw_id, clock.now())
    return render_template("admin/draws/conduct.html", draw=draw)


@pages.post("/draws/<id:draw_id>/conduct")
@staff(writes=True, needs=MANAGE, form=NumberForm, page=conduct_draw_page)
def conduct_draw(draw_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Draw: once and for good."""
    if asked["number"] != asked["again"]:
        raise Invalid({"again": [_("两次填写的号码不一样，请核对。")]})
    tally = desk.conduct(db.session(), me, draw_id, asked["number"], clock.now())
    if tally is None:
        return _done(_("号码已记下，正在摇号，请稍候。"), draw_id)
    return _drawn(tally, draw_id)


@pages.get("/draws/<id:draw_id>/progress")
@staff(needs=MANAGE)
def draw_progress(draw_id: int, me: SignedInStaff) -> Any:
    """How far drawing in the background is; the whole page anew once it is done."""
    session, now = db.session(), clock.now()
    draw = desk.access(session, me, draw_id)
    work = queries.work_of(session, draw_id, now)
    answer = make_response(render_template("admin/draws/progress.html", draw=draw, work=work))
    if work is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@pages.post("/draws/<id:draw_id>/finish")
@staff(writes=True, needs=MANAGE, page=draw_page)
def finish_draw(draw_id: int, me: SignedInStaff) -> Any:
    """Draw what has its number here, because nothing does it in the background."""
    tally = desk.finish(db.session(), me, draw_id, clock.now())
    if tally is None:
        return _done(_("结果已经公布。"), draw_id)
    return _drawn(tally, draw_id)


@pages.get("/draws/<id:draw_id>/draw.json")
@staff(needs=MANAGE)
def draw_file(draw_id: int, me: SignedInStaff) -> Any:
    """The file by which anybody checks the draw."""
    session = db.session()
    desk.access(session, me, draw_id)
    response = Response(queries.file_of(session, draw_id), mimetype="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename=draw-{draw_id}.json"
    return response


def _drawn(tally: dict[str, Any], draw_id: int) -> Any:
    won = sum(run["won"] for run in tally.values())
    return _done(_("摇号完成，录取 %(count)s 人次，结果已通知大家。", count=won), draw_id)


def _done(sentence: str, draw_id: int, page: str = "admin.draw_page") -> Any:
    flash(sentence)
    return redirect(url_for(page, draw_id=draw_id))
