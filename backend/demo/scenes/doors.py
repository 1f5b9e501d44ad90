"""Today at the doors of the district's centre: one who may check in now, and one nobody came to."""

from datetime import datetime, timedelta

from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.demo.venues import CENTRE
from backend.places.models import Room, Venue
from backend.venues import coming, service, sheet, starts
from backend.venues.asked import MINUTE
from backend.venues.service import Wanted

# room, what for, how many come, from when to when it begins (minutes from now)
_DUE = ("书法教室", "写春联", 6, 0, 30)
_LOST = ("棋牌室", "老友象棋", 4, -90, -30)
LENGTH = 120


def play(ground: Ground) -> None:
    """Where the centre is open about now; in the night nobody is at its doors."""
    _reserve(ground, *_DUE)
    lost = _reserve(ground, *_LOST)
    if lost is not None:
        booking_id, start = lost
        let_go_at = start + 15 * MINUTE
        with ground.when(let_go_at):
            coming.release([booking_id], let_go_at)


def _reserve(
    ground: Ground, room: str, title: str, headcount: int, first: int, last: int
) -> tuple[int, datetime] | None:
    """By somebody nearby since the evening before; the booking and its start."""
    centre = next(one["id"] for one in ground.rows.of(Venue) if one["code"] == CENTRE)
    room_id = next(
        one["id"] for one in ground.rows.of(Room)
        if (one["venue_id"], one["name"]) == (centre, room)
    )  # fmt: skip
    at = ground.now - timedelta(hours=16)
    found = sheet.of_room(ground.session, room_id, ground.today, ground.today, at)
    begins = (ground.now + first * MINUTE, ground.now + last * MINUTE)
    free = [
        start.starts_at
        for day in starts.of_days(found.days, found.uses, found.rules, at, LENGTH)
        for start in day.starts
        if start.minutes >= LENGTH and begins[0] < start.starts_at <= begins[1]
    ]
    if not free:
        return None
    [who] = ground.free(1, ground.near(OWN_CENTRE), ground.aged(50, 75))
    asked = Wanted(
        room_id=room_id, person_id=who.id, starts_at=free[0], title=title,
        ends_at=free[0] + LENGTH * MINUTE, headcount=headcount,
    )  # fmt: skip
    with ground.when(at):
        booked = service.reserve(ground.session, ground.signs_in(who), asked, at)
    return booked.booking_id, free[0]
