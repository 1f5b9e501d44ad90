"""Rooms reserved for the days ahead: in the district's centre and in the worker's own house."""

from datetime import datetime, timedelta

from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.demo.venues import CENTRE
from backend.places.models import Room, Venue
from backend.venues import service, sheet, starts
from backend.venues.asked import MINUTE
from backend.venues.service import Wanted

# room, what for, how many come, minutes, on which free start of the coming days, wishes
_CENTRE = (
    ("直播间", "社区好物直播", 4, 60, 2, "需要两支领夹话筒"),
    ("直播间", "邻里故事会直播", 5, 60, 2, None),
    ("直播间", "健康讲座录制", 3, 90, 9, None),
    ("智慧会议室", "业委会筹备会", 15, 120, 4, "请打开大屏"),
    ("小会议室", "邻里议事", 8, 60, 1, None),
    ("书法教室", "周末练字", 6, 120, 12, None),
    ("琴房", "钢琴练习", 1, 60, 3, None),
)
_OWN = (
    ("201教室", "暑期作业互助", 10, 120, 5, None),
    ("书画室", "书画小组活动", 9, 90, 2, None),
    ("多功能厅左厅", "合唱排练", 20, 120, 8, "需要一架电子琴"),
    ("亲子活动室", "绘本共读", 8, 60, 3, None),
)
DAYS = 13


def play(ground: Ground) -> None:
    """Each by somebody who lives nearby, on a start that is free."""
    centre = next(one["id"] for one in ground.rows.of(Venue) if one["code"] == CENTRE)
    own = next(
        one["id"] for one in ground.rows.of(Venue)
        if one["place_id"] == ground.centre(OWN_CENTRE).id
    )  # fmt: skip
    near = ground.near(OWN_CENTRE)
    wanted = [(centre, *one) for one in _CENTRE] + [(own, *one) for one in _OWN]
    people = ground.free(len(wanted), near, ground.aged(30, 75))
    for who, (venue_id, room, title, headcount, minutes, number, wishes) in zip(
        people, wanted, strict=True
    ):
        room_id = room_of(ground, venue_id, room)
        at = ground.now - timedelta(minutes=20 * number)
        start = free_starts(ground, room_id, minutes, at)[number]
        asked = Wanted(
            room_id=room_id, person_id=who.id, starts_at=start, ends_at=start + minutes * MINUTE,
            title=title, headcount=headcount, wishes=wishes,
        )  # fmt: skip
        with ground.when(at):
            service.reserve(ground.session, ground.signs_in(who), asked, at)


def room_of(ground: Ground, venue_id: int, name: str) -> int:
    """The id of a venue's room of that name."""
    rooms = ground.rows.of(Room)
    found = next(one for one in rooms if (one["venue_id"], one["name"]) == (venue_id, name))
    return int(found["id"])


def free_starts(ground: Ground, room_id: int, minutes: int, at: datetime) -> list[datetime]:
    """Where the room is free for so long in the days ahead."""
    found = sheet.of_room(
        ground.session, room_id, ground.today + timedelta(days=1),
        ground.today + timedelta(days=DAYS), at,
    )  # fmt: skip
    return [
        start.starts_at
        for day in starts.of_days(found.days, found.uses, found.rules, at, minutes)
        for start in day.starts
        if start.minutes >= minutes
    ]
