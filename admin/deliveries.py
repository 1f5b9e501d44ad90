"""The dispatcher's pages: the runs of a meal, who waits, one run's stops, its route list."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.deliveries import AssignForm, BoxesForm
from backend import clock
from backend.canteen.carrying import photos
from backend.canteen.delivery import assigning, moving, papers, queries, wording
from backend.canteen.delivery.queries import DISPATCH
from backend.canteen.wording import MEALS
from backend.db import AnyRow, db
from backend.staff.access import SignedInStaff


@pages.context_processor
def delivery_words() -> dict[str, Any]:
    """Doors, states and reasons in words; the runs that leave soon with nobody to carry them."""
    return {"delivery": wording, "unclaimed_runs": _unclaimed}


@pages.get("/deliveries")
@staff(needs=DISPATCH)
def deliveries(me: SignedInStaff) -> Any:
    """The meals whose orders are closed, with how many runs and who waits."""
    now = clock.now()
    return render_template(
        "admin/deliveries/list.html", found=queries.list_meals(db.session(), me, now), meals=MEALS
    )


@pages.get("/deliveries/alarm")
@staff(needs=DISPATCH)
def delivery_alarm(me: SignedInStaff) -> Any:
    """Runs nobody has claimed, as the first pages show them anew."""
    return render_template("admin/deliveries/_alarm.html")


@pages.get("/deliveries/<id:meal_service_id>")
@staff(needs=DISPATCH)
def delivery_runs(meal_service_id: int, me: SignedInStaff) -> Any:
    """The runs of a meal: out, delivered, failed; unclaimed ones first to be seen."""
    session, now = db.session(), clock.now()
    meal = queries.find_meal(session, me, meal_service_id)
    return render_template(
        "admin/deliveries/meal.html", meal=meal, meals=MEALS,
        runs=queries.runs_of(session, meal_service_id, now),
        waiting=queries.waiting(session, meal_service_id), over=meal.ends_at <= now,
    )  # fmt: skip


@pages.get("/deliveries/<id:meal_service_id>/routes.pdf")
@staff(needs=DISPATCH)
def delivery_routes(meal_service_id: int, me: SignedInStaff) -> Any:
    """The route lists of every run, on A4; not before everybody's address is known."""
    session, now = db.session(), clock.now()
    meal = queries.find_meal(session, me, meal_service_id)
    return _pdf(papers.read(session, meal.id, now), f"{meal.day:%Y%m%d}-{meal.meal}-routes.pdf")


@pages.get("/deliveries/runs/<id:run_id>")
@staff(needs=DISPATCH)
def delivery_run(run_id: int, me: SignedInStaff) -> Any:
    """One run: its stops in their order, boxes, what can be moved."""
    session = db.session()
    run = moving.find_run(session, me, run_id)
    return render_template(
        "admin/deliveries/run.html", run=run, meals=MEALS,
        stops=queries.stops_of(session, run_id, masked=False),
        photographed=photos.photographed(session, run_id),
        lost=queries.lost(session, run.meal_service_id), carriers=assigning.carriers(session, run),
        form=form_of(
            {"boxes_out": run.boxes_out, "boxes_in": run.boxes_in, "staff_id": run.courier_id}
        ),
    )  # fmt: skip


@pages.get("/deliveries/runs/<id:run_id>/route.pdf")
@staff(needs=DISPATCH)
def delivery_route(run_id: int, me: SignedInStaff) -> Any:
    """The route list of one run, as it stands."""
    session, now = db.session(), clock.now()
    run = moving.find_run(session, me, run_id)
    pdf = papers.draw(session, run.meal_service_id, now, run_id)
    return _pdf(pdf, f"{run.day:%Y%m%d}-{run.meal}-route-{run.number}.pdf")


@pages.post("/deliveries/runs/<id:run_id>/order")
@staff(writes=True, needs=DISPATCH, page=delivery_run)
def delivery_order(run_id: int, me: SignedInStaff) -> Any:
    """The stops in the order they are walked."""
    moving.order_anew(db.session(), me, run_id, clock.now())
    flash(_("已按楼栋、单元、楼层重新排好，路线单随后更新。"), "success")
    return redirect(url_for("admin.delivery_run", run_id=run_id))


@pages.post("/deliveries/runs/<id:run_id>/courier")
@staff(writes=True, needs=DISPATCH, form=AssignForm, page=delivery_run)
def delivery_assign(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Somebody was found who carries it, or cannot any more."""
    assigning.assign(db.session(), me, run_id, asked["staff_id"], clock.now())
    named = _("已记下谁来送，对方在手机上能看到这一趟。")
    flash(named if asked["staff_id"] else _("这一趟又可以领了。"), "success")
    return redirect(url_for("admin.delivery_run", run_id=run_id))


@pages.post("/deliveries/runs/<id:run_id>/boxes")
@staff(writes=True, needs=DISPATCH, form=BoxesForm, page=delivery_run)
def delivery_boxes(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Boxes out and in."""
    moving.count_boxes(db.session(), me, run_id, **asked)
    flash(_("饭盒数已记下。"), "success")
    return redirect(url_for("admin.delivery_run", run_id=run_id))


def _unclaimed() -> Sequence[AnyRow]:
    me: SignedInStaff | None = g.get("me")
    if me is None or not me.holds(DISPATCH):
        return ()
    return queries.unclaimed(db.session(), me, clock.now())


def _pdf(pdf: bytes, name: str) -> Response:
    response = make_response(pdf)
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
