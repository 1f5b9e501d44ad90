"""Registered groups: a dance team and a chess circle, with what they have reserved."""

from datetime import timedelta

from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.demo.scenes.rooms import free_starts, room_of
from backend.demo.venues import CENTRE
from backend.places.models import Venue
from backend.venues import service
from backend.venues.asked import MINUTE
from backend.venues.groups import service as groups
from backend.venues.groups.service import Registration
from backend.venues.service import Wanted

# name, what they do, how many members, room, what for, how many come, minutes, wishes
_GROUPS = (
    ("红叶舞蹈队", "广场舞、民族舞，每周两次", 3, "舞蹈教室", "舞蹈排练", 18, 120, "请开音响"),
    ("楚河棋社", "象棋、围棋，欢迎新棋友", 2, "棋牌室", "象棋友谊赛", 12, 180, None),
)
_REGISTERED = timedelta(days=40)


def play(ground: Ground) -> None:
    """Staff register them at the worker's community; the second member reserves."""
    place_id = ground.centre(OWN_CENTRE).id
    staff_id = ground.staff("worker").staff_id
    venue_id = next(one["id"] for one in ground.rows.of(Venue) if one["code"] == CENTRE)
    year_on = ground.today + timedelta(days=325)
    for number, (name, about, size, room, title, headcount, minutes, wishes) in enumerate(_GROUPS):
        leader, *others = ground.free(
            size, ground.aged(50, 80), lambda one: one.account_id is not None,
        )  # fmt: skip
        wanted = Registration(name=name, place_id=place_id, about=about, valid_until=year_on)
        at = ground.now - _REGISTERED
        group_id = groups.register(ground.session, staff_id, wanted, leader.id, at)
        for one in others:
            groups.add_member(ground.session, group_id, one.id, at)
        room_id = room_of(ground, venue_id, room)
        at = ground.now - timedelta(hours=3 + number)
        start = free_starts(ground, room_id, minutes, at)[6 + number]
        asked = Wanted(
            room_id=room_id, person_id=others[0].id, group_id=group_id, starts_at=start,
            ends_at=start + minutes * MINUTE, title=title, headcount=headcount, wishes=wishes,
        )  # fmt: skip
        with ground.when(at):
            service.reserve(ground.session, ground.signs_in(others[0]), asked, at)
