"""Recurring reservations: made at the counter, looked at, moved, given back, put back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import Form, form_of, read
from admin.schemas.series import (
    AgainForm,
    CancelSeriesForm,
    MoveSeriesForm,
    PutBackForm,
    SeriesForm,
    asked_of,
)
from admin.schemas.venues import span_of
from backend import clock
from backend.db import db
from backend.desk import groups, reservations, rooms, series
from backend.errors import NotFound
from backend.staff.access import SignedInStaff
from backend.venues.series.making import wanted_of
from backend.venues.series.moving import Shift


@pages.get("/venues/rooms/<id:room_id>/series")
@staff(needs=rooms.RUN)
def series_page(room_id: int, me: SignedInStaff) -> Any:
    """How often, on which weekdays, how many times: every date is shown before it is done."""
    session, now = db.session(), clock.now()
    asked = read(AgainForm, request.values)
    shown = {name: value for name, value in request.values.to_dict().items() if name != "weekdays"}
    asked["weekdays"] = asked.get("weekdays") or [clock.local(asked["starts_at"]).weekday()]
    dates = series.preview(session, me, wanted_of(asked_of(room_id, asked)), now)
    theirs = groups.groups_of(session, asked["person_id"]) if asked["group_id"] else []
    return render_template(
        "admin/venues/series_book.html", room=rooms.access_room(session, me, room_id),
        chosen=reservations.get_candidate(session, me, asked["person_id"]), dates=dates,
        form=form_of() if request.method == "POST" else Form(shown), asked=asked,
        group=next((one for one in theirs if one[0] == asked["group_id"]), None),
        possible=sum(not one["errcode"] for one in dates),
    )  # fmt: skip


@pages.post("/venues/rooms/<id:room_id>/series")
@staff(writes=True, needs=rooms.RUN, form=SeriesForm, page=series_page)
def reserve_series(room_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What can be is in the books; the resident is told once."""
    reason = asked.pop("reason")
    wanted = wanted_of(asked_of(room_id, asked))
    series_id = series.reserve_for(db.session(), me, wanted, clock.now(), reason)
    return _to(series_id, _("约好了，已通知居民。"))


@pages.get("/venues/series/<id:series_id>")
@staff(needs=rooms.RUN)
def series_dates(series_id: int, me: SignedInStaff) -> Any:
    """Every date as it stands."""
    one = series.get_series(db.session(), me, series_id, clock.now())
    return render_template("admin/venues/series.html", one=one, form=form_of())


@pages.get("/venues/series/<id:series_id>/dates/<id:date_id>/move")
@staff(needs=rooms.RUN)
def move_series_page(series_id: int, date_id: int, me: SignedInStaff) -> Any:
    """To when a date moves with those behind it; each is shown before it is done."""
    session, now = db.session(), clock.now()
    one = series.get_series(session, me, series_id, now)
    picked = next((date for date in one["dates"] if date["id"] == date_id), None)
    if picked is None:
        raise NotFound()
    dates, form = None, form_of(span_of(picked))
    if "day" in request.values:
        asked = read(MoveSeriesForm, request.values)
        asked.pop("reason")
        form = form_of(request.values.to_dict())
        dates = series.preview_move(session, me, series_id, _shift(date_id, asked), now)
    return render_template(
        "admin/venues/series_move.html", one=one, picked=picked, form=form, dates=dates,
        possible=sum(not date["errcode"] for date in dates or ()),
        with_reason=sum(date["with_reason"] for date in dates or ()),
    )  # fmt: skip


@pages.post("/venues/series/<id:series_id>/dates/<id:date_id>/move")
@staff(writes=True, needs=rooms.RUN, form=MoveSeriesForm, page=move_series_page)
def move_series(series_id: int, date_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What can move is at the other time; what cannot stays."""
    reason = asked.pop("reason")
    shift = _shift(date_id, asked)
    moved = series.move(db.session(), me, series_id, shift, clock.now(), reason)
    return _to(series_id, _("已改 %(n)s 次的时间，已通知居民。", n=moved))


@pages.post("/venues/series/<id:series_id>/cancel")
@staff(writes=True, needs=rooms.RUN, form=CancelSeriesForm, page=series_dates)
def cancel_series(series_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """From one date on, or all that is to come."""
    ended = series.cancel(
        db.session(), me, series_id, asked["from_id"], asked["reason"], clock.now()
    )
    return _to(series_id, _("已取消 %(n)s 次，已通知居民。", n=ended))


@pages.post("/venues/series/<id:series_id>/dates/<id:date_id>/put-back")
@staff(writes=True, needs=rooms.RUN, form=PutBackForm, page=series_dates)
def put_back_date(series_id: int, date_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A date that was skipped or cancelled is reserved after all."""
    series.put_back(db.session(), me, series_id, date_id, asked["reason"], clock.now())
    return _to(series_id, _("补上了，已通知居民。"))


def _shift(date_id: int, asked: dict[str, Any]) -> Shift:
    return Shift(date_id=date_id, skip_clashes=True, **asked)


def _to(series_id: int, sentence: str) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.series_dates", series_id=series_id))
