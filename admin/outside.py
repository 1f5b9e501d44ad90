"""Reservations outside the opening hours since those changed: whose they are, end and tell."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.room_blocks import EndForm
from backend import clock
from backend.db import db
from backend.desk import room_blocks, rooms
from backend.staff.access import SignedInStaff
from backend.venues import outside
from backend.venues.reach import RUN, access_venue


@pages.get("/venues/outside")
@staff(needs=RUN)
def outside_venues(me: SignedInStaff) -> Any:
    """The venues of my places that have any."""
    session = db.session()
    found = outside.count(session, me, clock.now())
    venues = [one for one in rooms.list_venues(session, me) if one["id"] in found]
    return render_template("admin/outside/venues.html", venues=venues, found=found)


@pages.get("/venues/<id:venue_id>/outside")
@staff(needs=RUN)
def outside_hours(venue_id: int, me: SignedInStaff) -> Any:
    """Those of one venue, all chosen to be ended."""
    return _page(venue_id, me, {})


@pages.post("/venues/<id:venue_id>/outside/phones")
@staff(writes=True, needs=RUN, page=outside_hours)
def outside_phones(venue_id: int, me: SignedInStaff) -> Any:
    """The same with whole numbers; the audit keeps that they were looked at."""
    session = db.session()
    hits, _why = outside.list_outside(session, me, venue_id, clock.now())
    of_venue = access_venue(session, me, venue_id)
    return _page(venue_id, me, room_blocks.reveal_phones(session, me, of_venue, hits))


@pages.post("/venues/<id:venue_id>/outside")
@staff(writes=True, needs=RUN, form=EndForm, page=outside_hours)
def outside_end(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The chosen ones end; their people read why."""
    ended = outside.end(db.session(), me, venue_id, asked["shown"], asked["reason"], clock.now())
    flash(_("已取消 %(n)s 个，并通知了居民。", n=ended), "success")
    return redirect(url_for("admin.outside_hours", venue_id=venue_id))


@pages.post("/venues/<id:venue_id>/outside/keep")
@staff(writes=True, needs=RUN, form=EndForm, page=outside_hours)
def outside_keep(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The chosen ones stand all the same."""
    kept = outside.keep(db.session(), me, venue_id, asked["shown"], asked["reason"], clock.now())
    flash(_("已记下，%(n)s 个照常接待。", n=kept), "success")
    return redirect(url_for("admin.outside_hours", venue_id=venue_id))


def _page(venue_id: int, me: SignedInStaff, numbers: dict[int, str]) -> str:
    session = db.session()
    hits, why = outside.list_outside(session, me, venue_id, clock.now())
    return render_template(
        "admin/outside/list.html", venue=rooms.get_venue(session, me, venue_id), hits=hits,
        numbers=numbers, form=form_of({"reason": why}),
    )  # fmt: skip
