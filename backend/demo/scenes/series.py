"""A dance group that has the dance room every Saturday afternoon, as far as it is free."""

from datetime import datetime, time, timedelta

from backend import clock
from backend.demo.scenes.ground import OWN_CENTRE, SATURDAY, Ground
from backend.demo.venues import CENTRE
from backend.places.models import Room, Venue
from backend.venues.series import making
from backend.venues.series.dates import Pattern

TIMES = 8
_AT, _HOURS = time(14), timedelta(hours=2)


def play(ground: Ground) -> None:
    """Asked for by its leader; what cannot be is skipped and can be put back."""
    centre = next(one["id"] for one in ground.rows.of(Venue) if one["code"] == CENTRE)
    room_id = next(
        one["id"] for one in ground.rows.of(Room)
        if (one["venue_id"], one["name"]) == (centre, "舞蹈教室")
    )  # fmt: skip
    [who] = ground.free(1, ground.near(OWN_CENTRE), ground.aged(55, 70))
    day = ground.today + timedelta(days=(SATURDAY - ground.today.weekday()) % 7 or 7)
    starts_at, at = datetime.combine(day, _AT, clock.LOCAL), ground.now - timedelta(hours=3)
    wanted = making.Wanted(
        room_id=room_id, person_id=who.id, title="夕阳红舞蹈队排练", headcount=16,
        wishes="请开音响", skip_clashes=True,
        pattern=Pattern(starts_at=starts_at, ends_at=starts_at + _HOURS, times=TIMES),
    )  # fmt: skip
    with ground.when(at):
        making.reserve(ground.session, ground.signs_in(who), wanted, at)
