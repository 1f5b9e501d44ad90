"""The calendar feed: a secret link that a phone's own calendar reads."""

from flask import Response

from backend import clock, config
from backend.booking import calendar_feed
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import public, resident, with_etag
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.calendar import CalendarLinkSchema

blueprint = Blueprint("calendar", __name__, description="日历")


@blueprint.post("/me/calendar-link")
@resident(writes=True)
@blueprint.answers(CalendarLinkSchema)
def make_link(*, me: Resident) -> Response:
    """A new secret link; the one before stops working."""
    token = calendar_feed.make_link(db.session(), me)
    return answer({"url": f"{config.current().public_url}/mp/v1/calendar/{token}.ics"})


@blueprint.delete("/me/calendar-link")
@resident(writes=True)
@blueprint.answers()
def drop_link(*, me: Resident) -> Response:
    """Stop the feed."""
    calendar_feed.drop_link(db.session(), me)
    return answer()


@blueprint.get("/calendar/<secret:token>.ics")
@public(why="calendar apps cannot sign in; the link is the secret")
@blueprint.answers_file("text/calendar")
def read_feed(token: str) -> Response:
    """Lessons and reserved rooms of everybody I may act for, as iCalendar."""
    feed = calendar_feed.feed(db.session(), token, clock.now())
    return with_etag(feed, content_type="text/calendar; charset=utf-8")
