"""Calendar links of venues and rooms: handed out, taken back, and what they open."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import public, staff
from admin.schemas.venues import FeedForm
from backend import clock
from backend.db import db
from backend.desk import room_feeds as feeds
from backend.desk import rooms
from backend.staff.access import SignedInStaff


@pages.get("/venues/<id:venue_id>/feeds")
@staff(needs=rooms.RUN)
def room_feeds(venue_id: int, me: SignedInStaff) -> Any:
    """The links in use, and the form for another."""
    session = db.session()
    return render_template(
        "admin/venues/feeds.html", venue=rooms.get_venue(session, me, venue_id),
        rooms=rooms.rooms_of(session, venue_id), feeds=feeds.list_open(session, venue_id),
    )  # fmt: skip


@pages.post("/venues/<id:venue_id>/feeds")
@staff(writes=True, needs=rooms.RUN, form=FeedForm, page=room_feeds)
def create_room_feed(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another link."""
    feeds.create(
        db.session(), me, venue_id, asked["name"], clock.now(),
        room_id=asked["room_id"], with_names=asked["shows"] == "names",
    )  # fmt: skip
    flash(_("链接已生成，请发给%(name)s。", name=asked["name"]), "success")
    return redirect(url_for("admin.room_feeds", venue_id=venue_id))


@pages.post("/venues/<id:venue_id>/feeds/<id:feed_id>/revoke")
@staff(writes=True, needs=rooms.RUN, page=room_feeds)
def revoke_room_feed(venue_id: int, feed_id: int, me: SignedInStaff) -> Any:
    """It opens nothing any more."""
    feeds.revoke(db.session(), me, venue_id, feed_id, clock.now())
    flash(_("链接已收回，不能再打开。"), "success")
    return redirect(url_for("admin.room_feeds", venue_id=venue_id))


@pages.get("/venues/feed/<string:key>.ics")
@public(why="calendar apps cannot sign in; the key is signed and can be revoked")
def read_room_feed(key: str) -> Any:
    """What is on in the rooms, as iCalendar."""
    response = Response(
        feeds.read(db.session(), key, clock.now()), mimetype="text/calendar; charset=utf-8"
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)
