"""Rooms taken out of use over reservations: election day at the centre, repairs in one house."""

from datetime import date, datetime, timedelta

from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.demo.venues import CENTRE
from backend.places.models import Room, Venue
from backend.venues import service
from backend.venues.blocks import service as blocks
from backend.venues.blocks.service import Wanted

_LOOKS_AHEAD = range(5, 12)


def play(ground: Ground) -> None:
    """Somebody has reserved, then the room is needed: they are told why."""
    venues = ground.rows.of(Venue)
    centre = next(one["id"] for one in venues if one["code"] == CENTRE)
    place_id = ground.centre(OWN_CENTRE).id
    own = next(one["id"] for one in venues if one["place_id"] == place_id)
    _take(ground, "manager", centre, (), "阅览室", "选举投票日", None)
    _take(ground, "worker", own, ("书画室",), "书画室", "空调检修", "师傅上午九点到，钥匙在值班室")


def _take(
    ground: Ground, username: str, venue_id: int, names: tuple[str, ...], reserved: str,
    reason: str, note: str | None,
) -> None:  # fmt: skip
    """On the first of the days ahead on which no class and no market is in these rooms."""
    me, now = ground.staff(username), ground.now - timedelta(minutes=25)
    rooms = {one["name"]: one["id"] for one in ground.rows.of(Room) if one["venue_id"] == venue_id}
    for day in (ground.today + timedelta(days=days) for days in _LOOKS_AHEAD):
        wanted = Wanted(
            venue_id=venue_id, room_ids=tuple(rooms[name] for name in names), reason=reason,
            note=note, starts_at=_at(ground, day, 7), ends_at=_at(ground, day, 21),
        )  # fmt: skip
        if not blocks.plan(ground.session, me, wanted, now).others:
            break
    _reserve(ground, me.staff_id, rooms[reserved], day)
    with ground.when(now):
        hits = blocks.plan(ground.session, me, wanted, now).hits
        blocks.make(ground.session, me, wanted, {hit.token for hit in hits}, now)


def _at(ground: Ground, day: date, hour: int) -> datetime:
    return ground.at((day - ground.today).days, 60 * hour)


def _reserve(ground: Ground, staff_id: int, room_id: int, day: date) -> None:
    """By somebody at the counter, who may not have a phone."""
    [who] = ground.free(1, ground.near(OWN_CENTRE), ground.aged(60, 75))
    at = ground.now - timedelta(hours=3)
    asked = service.Wanted(
        room_id=room_id, person_id=who.id, starts_at=_at(ground, day, 10),
        ends_at=_at(ground, day, 11), title="读报小组", headcount=6,
    )  # fmt: skip
    with ground.when(at):
        service.reserve_at_desk(ground.session, staff_id, asked, at)
