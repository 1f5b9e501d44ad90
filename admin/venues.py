"""Venues: which there are, a venue's rooms on a day, a room in a week, and what is at the door."""

from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import form_of, read
from admin.rotating_codes import rotating_code
from admin.schemas.venues import DayQuery
from backend import clock
from backend.db import db
from backend.desk import day_grid, door, room_blocks, room_printing, rooms
from backend.staff.access import SignedInStaff
from backend.venues import coming, outside, request_list, room_codes

DAY = timedelta(days=1)


@pages.get("/venues")
@staff(needs=rooms.RUN)
def venues(me: SignedInStaff) -> Any:
    """The venues of my places; straight there if it is only one."""
    text = request.args.get("q", "").strip()[:40]
    found = rooms.list_venues(db.session(), me, text)
    if len(found) == 1 and not text:
        return redirect(url_for("admin.venue_day", venue_id=found[0]["id"]))
    waiting = request_list.count_open(db.session(), me, clock.now())
    return render_template("admin/venues/list.html", found=found, text=text, waiting=waiting)


@pages.get("/venues/<id:venue_id>")
@staff(needs=rooms.RUN)
def venue_day(venue_id: int, me: SignedInStaff) -> Any:
    """Its rooms side by side, the day from top to bottom."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    columns = rooms.of_venue(session, me, venue_id, day, 1, now)
    return render_template(
        "admin/venues/day.html", venue=rooms.get_venue(session, me, venue_id), day=day,
        columns=columns, lines=day_grid.lay(columns), before=day - DAY, after=day + DAY, at=now,
        outside=len(outside.list_outside(session, me, venue_id, now)[0]),
        blocked=len(room_blocks.list_blocks(session, me, venue_id, now)),
        waiting=request_list.count_open(session, me, now), problem=form_of().problem,
    )  # fmt: skip


@pages.get("/venues/rooms/<id:room_id>")
@staff(needs=rooms.RUN)
def room_week(room_id: int, me: SignedInStaff) -> Any:
    """One room from Monday to Sunday."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    monday = day - timedelta(days=day.weekday())
    columns = rooms.of_days(session, me, room_id, monday, 7, now)
    return render_template(
        "admin/venues/week.html", room=columns[0].room, day=day, columns=columns,
        lines=day_grid.lay(columns), before=monday - 7 * DAY, after=monday + 7 * DAY, at=now,
    )  # fmt: skip


@pages.get("/venues/<id:venue_id>/sheet")
@staff(needs=rooms.RUN)
def venue_sheet(venue_id: int, me: SignedInStaff) -> Any:
    """A4 to print for the doorkeeper: who has which room when, and what they need."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    columns = rooms.of_venue(session, me, venue_id, day, 1, now)
    return render_template(
        "admin/venues/sheet.html", venue=rooms.get_venue(session, me, venue_id), day=day,
        listed=door.listed(columns), opening=door.opening(columns), at=now,
    )  # fmt: skip


@pages.get("/venues/<id:venue_id>/week.xlsx")
@staff(needs=rooms.RUN)
def venue_xlsx(venue_id: int, me: SignedInStaff) -> Any:
    """The week of that day, from Monday on, as a spreadsheet."""
    session, now = db.session(), clock.now()
    day = read(DayQuery, request.args).get("day", clock.today(now))
    monday = day - timedelta(days=day.weekday())
    columns = rooms.of_venue(session, me, venue_id, monday, 7, now)
    name = f"{rooms.get_venue(session, me, venue_id).name} {monday}"
    return xlsx(name, room_printing.book(name, columns))


@pages.get("/venues/<id:venue_id>/screen")
@staff(needs=rooms.RUN)
def venue_screen(venue_id: int, me: SignedInStaff) -> Any:
    """All rooms now, for the screen in the hall; it names nobody and renews itself."""
    return render_template("admin/venues/screen.html", **_of_venue(venue_id, me))


@pages.get("/venues/<id:venue_id>/screen/now")
@staff(needs=rooms.RUN)
def venue_screen_now(venue_id: int, me: SignedInStaff) -> Any:
    """The part of that page that changes."""
    return render_template("admin/venues/screen_now.html", **_of_venue(venue_id, me))


@pages.get("/venues/rooms/<id:room_id>/screen")
@staff(needs=rooms.RUN)
def room_screen(room_id: int, me: SignedInStaff) -> Any:
    """One room now, for the screen beside its door."""
    return render_template("admin/venues/screen.html", **_of_room(room_id, me))


@pages.get("/venues/rooms/<id:room_id>/screen/now")
@staff(needs=rooms.RUN)
def room_screen_now(room_id: int, me: SignedInStaff) -> Any:
    """The part of that page that changes."""
    return render_template("admin/venues/screen_now.html", **_of_room(room_id, me))


def _of_venue(venue_id: int, me: SignedInStaff) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    columns = rooms.of_venue(session, me, venue_id, clock.today(now), 1, now)
    return {
        "name": rooms.get_venue(session, me, venue_id).name, "single": False, "at": now,
        "code": None, "awaited": None,
        "screens": [door.screen(column, now) for column in columns],
        "public_title": door.public_title,
        "back": url_for("admin.venue_day", venue_id=venue_id),
        "renewed": url_for("admin.venue_screen_now", venue_id=venue_id),
    }  # fmt: skip


def _of_room(room_id: int, me: SignedInStaff) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    column = rooms.of_days(session, me, room_id, clock.today(now), 1, now)[0]
    awaited = coming.awaited(session, room_id, now)
    return {
        "name": column.room.name, "single": True, "at": now,
        "code": None if awaited is None else _code(room_id, now), "awaited": awaited,
        "screens": [door.screen(column, now)], "public_title": door.public_title,
        "back": url_for("admin.room_week", room_id=room_id),
        "renewed": url_for("admin.room_screen_now", room_id=room_id),
    }  # fmt: skip


def _code(room_id: int, now: datetime) -> dict[str, Any]:
    return rotating_code(
        room_codes.room_code(room_id, now), room_codes.check_in_link(room_id, now), now
    )
