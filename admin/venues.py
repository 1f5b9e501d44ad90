"""Venues: which there are, a venue's rooms on a day, a room in a week."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.schemas.venues import DayQuery
from backend import clock
from backend.db import db
from backend.desk import day_grid, rooms
from backend.staff.access import SignedInStaff

DAY = timedelta(days=1)


@pages.get("/venues")
@staff(needs=rooms.RUN)
def venues(me: SignedInStaff) -> Any:
    """The venues of my places; straight there if it is only one."""
    text = request.args.get("q", "").strip()[:40]
    found = rooms.list_venues(db.session(), me, text)
    if len(found) == 1 and not text:
        return redirect(url_for("admin.venue_day", venue_id=found[0]["id"]))
    return render_template("admin/venues/list.html", found=found, text=text)


@pages.get("/venues/<id:venue_id>")
@staff(needs=rooms.RUN)
def venue_day(venue_id: int, me: SignedInStaff) -> Any:
    """Its rooms side by side, the day from top to bottom."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    columns = rooms.of_day(session, me, venue_id, day, now)
    return render_template(
        "admin/venues/day.html", venue=rooms.get_venue(session, me, venue_id), day=day,
        columns=columns, lines=day_grid.lay(columns), before=day - DAY, after=day + DAY, at=now,
    )  # fmt: skip


@pages.get("/venues/rooms/<id:room_id>")
@staff(needs=rooms.RUN)
def room_week(room_id: int, me: SignedInStaff) -> Any:
    """One room from Monday to Sunday."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    monday = day - timedelta(days=day.weekday())
    columns = rooms.of_week(session, me, room_id, monday, now)
    return render_template(
        "admin/venues/week.html", room=columns[0].room, day=day, columns=columns,
        lines=day_grid.lay(columns), before=monday - 7 * DAY, after=monday + 7 * DAY, at=now,
    )  # fmt: skip
