"""Rooms that residents ask for: read the requests, give the room or say why not."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.room_requests import ApproveForm, ApproveSeriesForm, DeclineForm
from backend import clock
from backend.db import db
from backend.staff.access import SignedInStaff
from backend.venues import request_list, requests
from backend.venues.requests import DECIDE
from backend.venues.series import deciding


@pages.get("/venues/requests")
@staff(needs=DECIDE)
def room_requests(me: SignedInStaff) -> Any:
    """Everything that waits for a decision at my places, what begins first on top."""
    return render_template(
        "admin/room_requests/list.html",
        asking=request_list.list_open(db.session(), me, clock.now()),
    )


@pages.get("/venues/requests/<id:booking_id>")
@staff(needs=DECIDE)
def room_request(booking_id: int, me: SignedInStaff) -> Any:
    """Who wants which room when and what for, who else does, and the decision."""
    one = request_list.get_request(db.session(), me, booking_id, clock.now())
    return render_template("admin/room_requests/request.html", one=one)


@pages.post("/venues/requests/<id:booking_id>/approve")
@staff(writes=True, needs=DECIDE, form=ApproveForm, page=room_request)
def approve_room(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The room is theirs; whoever wanted the same time is told that it is not."""
    lost = requests.approve(db.session(), me, booking_id, clock.now(), **asked)
    flash(
        _("已通过，另外 %(n)s 个冲突的申请没有通过，都已通知居民。", n=lost)
        if lost
        else _("已通过，并通知了居民。"),
        "success",
    )
    return redirect(url_for("admin.room_requests"))


@pages.post("/venues/requests/<id:booking_id>/decline")
@staff(writes=True, needs=DECIDE, form=DeclineForm, page=room_request)
def decline_room(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """They do not get it, and read why."""
    requests.decline(db.session(), me, booking_id, asked["reason"], clock.now())
    flash(_("没有通过，已把原因告诉居民。"), "success")
    return redirect(url_for("admin.room_requests"))


@pages.get("/venues/requests/series/<id:series_id>")
@staff(needs=DECIDE)
def series_request(series_id: int, me: SignedInStaff) -> Any:
    """Who wants which room again and again: every date that waits, who else does, the decision."""
    one = request_list.get_series(db.session(), me, series_id, clock.now())
    return render_template("admin/room_requests/series.html", one=one)


@pages.post("/venues/requests/series/<id:series_id>/approve")
@staff(writes=True, needs=DECIDE, form=ApproveSeriesForm, page=series_request)
def approve_series(series_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What can be is theirs; they are told once, and so is everybody who wanted the same."""
    done = deciding.approve(db.session(), me, series_id, clock.now(), **asked)
    said = [_("已通过 %(n)s 次，并通知了居民。", n=done.approved)]
    if done.impossible:
        said.append(_("另有 %(n)s 次约不上。", n=done.impossible))
    if done.lost:
        said.append(_("%(n)s 个冲突的申请没有通过，也都通知了。", n=done.lost))
    flash("".join(said), "success")
    return redirect(url_for("admin.room_requests"))


@pages.post("/venues/requests/series/<id:series_id>/decline")
@staff(writes=True, needs=DECIDE, form=DeclineForm, page=series_request)
def decline_series(series_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """They get none of them, and read why, once."""
    deciding.decline(db.session(), me, series_id, asked["reason"], clock.now())
    flash(_("全部没有通过，已把原因告诉居民。"), "success")
    return redirect(url_for("admin.room_requests"))
