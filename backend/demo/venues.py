"""The district's centre and the estates' stations, where the houses stand, and by which rules one
reserves their rooms."""

from typing import Any

from backend.booking.models import Bookable
from backend.demo.places import District
from backend.demo.rows import Rows, dice
from backend.places.models import Atom, Place, Room, RoomAtom, Venue
from backend.venues.models import KIND, OpenRoom, RoomRules
from backend.venues.rooms import ALWAYS
from backend.venues.sheet import WEEKDAYS

EVERY_STATION = 15
"""One estate in so many has a station of its own."""

CENTRE = "centre"
"""The code of the district's own venue."""

_MIDDLE, _SPREAD = (30.58, 114.28), (0.05, 0.07)  # degrees: somewhere to sort by distance

# name, capacity, the atoms it is made of, how to find it, what for, what is in it, rules of its own
_ROOMS: tuple[tuple[str, int, tuple[str, ...], str, str, str, dict[str, Any]], ...] = (
    ("直播间", 12, ("直播间",), "三楼 301", "studio", "camera microphone sound",
     {"buffer_after": 30, "min_minutes": 60, "max_minutes": 120, "approval": True}),
    ("智慧会议室", 20, ("智慧会议室",), "三楼 305", "meeting", "screen microphone whiteboard", {}),
    ("小会议室", 10, ("小会议室",), "三楼 306", "meeting", "whiteboard", {}),
    ("报告厅", 300, ("报告厅",), "一楼东侧", "lecture music",
     "projector screen sound microphone piano", {"audience": "staff", "max_minutes": 480}),
    ("共享大厅", 120, ("大厅东区", "大厅西区"), "一楼中庭", "lecture dance", "sound microphone",
     {"whole_day": True, "horizon_days": 30}),
    ("大厅东区", 60, ("大厅东区",), "一楼中庭东边", "craft chess", "", {}),
    ("大厅西区", 60, ("大厅西区",), "一楼中庭西边", "family craft", "mats", {}),
    ("书法教室", 24, ("书法教室",), "二楼 203", "calligraphy", "", {}),
    ("棋牌室", 32, ("棋牌室",), "二楼 201", "chess", "", {"buffer_after": 0}),
    ("舞蹈教室", 40, ("舞蹈教室",), "二楼 210，请换软底鞋", "dance", "mirrors sound", {}),
    ("亲子乐园", 30, ("亲子乐园",), "一楼西侧", "family", "mats", {"audience": "everyone"}),
    ("琴房", 4, ("琴房",), "二楼 212", "music", "piano", {"max_minutes": 120}),
    ("阅览室", 50, ("阅览室",), "四楼", "reading", "", {"max_minutes": 480}),
)  # fmt: skip


def build(rows: Rows, district: District) -> None:
    """Venues, rooms and rules; every room can be reserved."""
    _build_centre(rows, district)
    _build_stations(rows, district)
    _place_on_map(rows)
    _rule(rows, district)
    for room in rows.of(Room):
        _open(rows, room["id"], room["place_id"], room["name"])


def _build_centre(rows: Rows, district: District) -> None:
    name = rows.get(Place, district.id)["name"]
    venue_id = rows.add(
        Venue, place_id=district.id, code=CENTRE, name=f"{name}党群服务中心",
        address="幸福大道 1 号", phone="0000-80000001", step_free=True,
        access="东门有坡道，四部电梯都到各层，每层有无障碍卫生间",
    )  # fmt: skip
    rows.add(
        RoomRules, venue_id=venue_id, **dict.fromkeys(WEEKDAYS, "09:00-21:30"),
        holiday="10:00-17:00", lead_minutes=0,
        check_in_minutes=30, no_show_minutes=15, door_titles=True,
    )  # fmt: skip
    atoms: dict[str, int] = {}
    for name, capacity, made_of, directions, functions, equipment, rules in _ROOMS:
        room_id = rows.add(
            Room, place_id=district.id, venue_id=venue_id, name=name, capacity=capacity,
            directions=directions, functions=functions.split(), equipment=equipment.split(),
            step_free=True,
        )  # fmt: skip
        for atom in made_of:
            if atom not in atoms:
                atoms[atom] = rows.add(Atom, place_id=district.id, name=atom)
            rows.put(RoomAtom, room_id=room_id, atom_id=atoms[atom])
        if rules:
            rows.add(RoomRules, room_id=room_id, **rules)


def _build_stations(rows: Rows, district: District) -> None:
    estates = [estate for community in district.communities for estate in community.estates]
    for estate_id in estates[::EVERY_STATION]:
        estate = rows.get(Place, estate_id)
        name = f"{estate['name'].removesuffix('小区')}小区驿站"
        venue_id = rows.add(
            Venue, place_id=estate_id, code=estate["code"], name=name,
            address=estate["address"], step_free=True,
        )  # fmt: skip
        room_id = rows.add(
            Room, place_id=estate_id, venue_id=venue_id, name="邻里会客厅", capacity=16,
            functions=["meeting", "chess"], equipment=["screen"], step_free=True,
        )  # fmt: skip
        atom_id = rows.add(Atom, place_id=estate_id, name="邻里会客厅")
        rows.put(RoomAtom, room_id=room_id, atom_id=atom_id)
        rows.add(RoomRules, venue_id=venue_id, audience="community", max_minutes=120)


def _place_on_map(rows: Rows) -> None:
    rng = dice("venues")
    for venue in rows.of(Venue):
        for name, middle, spread in zip(("latitude", "longitude"), _MIDDLE, _SPREAD, strict=True):
            off = 0 if venue["code"] == CENTRE else rng.uniform(-spread, spread)
            venue[name] = round(middle + off, 6)


def _rule(rows: Rows, district: District) -> None:
    """What holds everywhere unless somebody says otherwise."""
    week = dict.fromkeys(WEEKDAYS[:5], "08:30-12:00 13:30-21:00")
    rows.add(
        RoomRules, place_id=district.id, **week, saturday="09:00-18:00", sunday="09:00-18:00",
        holiday="", grid_minutes=30, min_minutes=30, max_minutes=180, buffer_after=0,
        lead_minutes=60, horizon_days=14, cancel_minutes=120, audience="district",
        person_live=3, household_live=5, person_week_minutes=360, across_venue=True,
        series_dates=12, series_days=90, group_live=4, group_week_minutes=480,
    )  # fmt: skip


def _open(rows: Rows, room_id: int, place_id: int, name: str) -> None:
    starts_at, ends_at = ALWAYS
    bookable_id = rows.add(
        Bookable, kind=KIND, title=name, place_id=place_id, starts_at=starts_at, ends_at=ends_at,
        published_at=starts_at,
    )  # fmt: skip
    rows.put(OpenRoom, id=bookable_id, room_id=room_id)
