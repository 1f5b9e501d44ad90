"""The search across rooms: who is free when, near by; and what comes nearest when nobody is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import cos, hypot, radians
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.errors import NotFound
from backend.places.models import Place
from backend.venues import across_reads
from backend.venues.across import RoomHours, Rooms, Scope, Window, words
from backend.venues.asked import MINUTE
from backend.venues.blocks.queries import reasons
from backend.venues.grid import Slot
from backend.venues.hours import DAY
from backend.venues.models import Audience

PARTS_OF_DAY = {"morning": (0, 720), "afternoon": (720, 1080), "evening": (1080, DAY)}
"""Minutes after midnight: up to noon, up to 18:00, from then on."""

MOST_ALTERNATIVES = 3
"""So many of each kind."""

_SHORTER_BY = 30
_METRES_A_DEGREE = 111_320


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A room for so many people and minutes on a day, in a part of it, with what it needs.

    `place_id`: in that street or community; `near`: latitude and longitude (GCJ-02, degrees).
    """

    day: date
    from_minute: int = 0
    until_minute: int = DAY
    minutes: int = 60
    headcount: int = 1
    function: str | None = None
    equipment: frozenset[str] = frozenset()
    step_free: bool = False
    place_id: int | None = None
    near: tuple[float, float] | None = None
    alternatives: bool = True
    limit: int = 20

    def window(self) -> Window:
        return Window(self.day, _at(self.day, self.from_minute), _at(self.day, self.until_minute))

    def is_met_by(self, one: RoomHours) -> bool:
        """Whether it is a room of the kind, whenever it may be free."""
        row = one.row
        return bool(
            (self.function is None or self.function in words(row.functions))
            and (not self.equipment or self.equipment <= words(row.equipment))
            and (not self.step_free or (row.step_free and row.venue_step_free))
            and one.hours.rules.audience != Audience.STAFF
        )

    def distance(self, row: Any) -> float | None:
        """Metres from the point to the venue as the crow flies, where both are known."""
        if self.near is None or row.latitude is None:
            return None
        north = (row.latitude - self.near[0]) * _METRES_A_DEGREE
        east = (row.longitude - self.near[1]) * _METRES_A_DEGREE * cos(radians(self.near[0]))
        return hypot(north, east)


def _path(session: Session, place_id: int) -> str:
    path = session.execute(select(Place.path).where(Place.id == place_id)).scalar()
    if path is None:
        raise NotFound()
    return path


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL) + minute * MINUTE


def wish_of(asked: Mapping[str, Any]) -> Wish:
    """The wish as the API has it: a part of the day or two times, a street or a community."""
    given = {
        name: asked[name]
        for name in ("day", "minutes", "headcount", "function", "step_free", "alternatives",
                     "limit")
        if name in asked
    }  # fmt: skip
    if "from_time" in asked:
        times = (asked["from_time"], asked["until_time"])
        given["from_minute"], given["until_minute"] = (at.hour * 60 + at.minute for at in times)
    elif "part" in asked:
        given["from_minute"], given["until_minute"] = PARTS_OF_DAY[asked["part"]]
    if "latitude" in asked:
        given["near"] = (asked["latitude"], asked["longitude"])
    return Wish(
        **given, equipment=frozenset(asked.get("equipment", ())),
        place_id=asked.get("community_id") or asked.get("street_id"),
    )  # fmt: skip


class Found(NamedTuple):
    """A room with the slots that are free."""

    one: RoomHours
    slots: Sequence[Slot]


def search(session: Session, wish: Wish, now: datetime) -> dict[str, Any]:
    """The rooms with free starts in the window, the nearest first, and how many have none and why.

    A use lies in the window from beginning to end. Four reads; when nothing fits and alternatives
    are wanted, up to six more. Raises NotFound for a place that is not there.
    """
    path = "/" if wish.place_id is None else _path(session, wish.place_id)
    window = wish.window()
    rooms = Rooms(session, Scope(wish.headcount, path), window, now)
    found, without, blocked = _look(rooms, wish)
    found.sort(key=_nearest_first(wish))
    alternatives = [] if found or not wish.alternatives else _alternatives(session, wish, path, now)
    page = found[: wish.limit]
    told = across_reads.shown(
        session, (one.one.row.room_id for one in (*page, *(other for _, other in alternatives)))
    )
    return {
        "items": [_shown(one, told, wish) for one in page],
        "free": len(found),
        **{state: without[state] for state in ("full", "closed", "not_yet")},
        "blocked": len(blocked),
        "why_blocked": list(reasons(session, blocked, window.starts_at, window.ends_at)),
        "alternatives": [{"kind": kind, **_shown(one, told, wish)} for kind, one in alternatives],
    }


def _look(rooms: Rooms, wish: Wish) -> tuple[list[Found], Counter[str], list[int]]:
    """The rooms with something free, why how many others have nothing, and which staff took."""
    window, found, without, blocked = wish.window(), [], Counter[str](), []
    for one in rooms:
        if not wish.is_met_by(one):
            continue
        slots, state = rooms.offered(one.hours, wish.minutes, window).outcome(one.row.uses)
        if slots:
            found.append(Found(one, slots))
        elif state == "blocked":
            blocked.append(one.row.room_id)
        else:
            without[state] += 1
    return found, without, blocked


Order = Callable[[Found], Any]


def _nearest_first(wish: Wish) -> Order:
    by_venue: dict[int, float | None] = {}

    def key(found: Found) -> Any:
        row = found.one.row
        if row.venue_id not in by_venue:
            by_venue[row.venue_id] = wish.distance(row)
        metres = by_venue[row.venue_id]
        return metres is None, metres or 0, row.place_path, row.venue_id, row.room_id

    return key


def _alternatives(
    session: Session, wish: Wish, path: str, now: datetime
) -> list[tuple[str, Found]]:
    """Another time that day, or the next; for less long; the same in a place near by."""
    near_by = _nearest_first(wish)
    whole = replace(wish, from_minute=0, until_minute=DAY)
    rooms = Rooms(session, Scope(wish.headcount), whole.window(), now)

    def in_scope(found: Found) -> bool:
        return bool(found.one.row.place_path.startswith(path))

    shifted = [one for one in _look(rooms, whole)[0] if in_scope(one)]
    if not shifted:
        following = replace(wish, day=wish.day + timedelta(days=1))
        again = Rooms(session, Scope(wish.headcount, path), following.window(), now)
        shifted = _look(again, following)[0]
    shorter = [one for one in _shorter(rooms, wish) if in_scope(one)]
    shorter.sort(key=lambda one: (-_length(one.slots[0]), near_by(one)))
    elsewhere = [one for one in _look(rooms, wish)[0] if not in_scope(one)]
    elsewhere.sort(key=lambda one: (-_shared(path, one.one.row.place_path), near_by(one)))
    return [
        (kind, one)
        for kind, some in (
            ("shift", _least_shifted_first(shifted, wish)),
            ("shorter", shorter),
            ("elsewhere", elsewhere),
        )
        for one in some[:MOST_ALTERNATIVES]
    ]


def _least_shifted_first(shifted: list[Found], wish: Wish) -> list[Found]:
    """Each room with its one slot that sticks out of the window least."""
    window, near_by = wish.window(), _nearest_first(wish)
    least = [
        Found(one.one, [min(one.slots, key=lambda slot: _shift(slot, window))]) for one in shifted
    ]
    return sorted(least, key=lambda one: (_shift(one.slots[0], window), near_by(one)))


def _shift(slot: Slot, window: Window) -> timedelta:
    return max(window.starts_at - slot.starts_at, slot.ends_at - window.ends_at)


def _shorter(rooms: Rooms, wish: Wish) -> list[Found]:
    """Each room's slots in the window for as long as any is free, shorter than asked."""
    found: dict[int, Found] = {}
    for minutes in range((wish.minutes - 1) // _SHORTER_BY * _SHORTER_BY, 0, -_SHORTER_BY):
        for one in _look(rooms, replace(wish, minutes=minutes))[0]:
            room_id = one.one.row.room_id
            if room_id not in found and _length(one.slots[0]) < wish.minutes * MINUTE:
                found[room_id] = one
    return list(found.values())


def _length(slot: Slot) -> timedelta:
    return slot.ends_at - slot.starts_at


def _shared(path: str, other: str) -> int:
    """How many levels of places two paths have in common."""
    pairs = zip(path.split("/"), other.split("/"), strict=False)
    return next((at for at, (one, two) in enumerate(pairs) if one != two), len(path))


def _shown(found: Found, told: Mapping[int, Any], wish: Wish) -> dict[str, Any]:
    row, names = found.one.row, told[found.one.row.room_id]
    metres = wish.distance(row)
    return {
        name: getattr(names, name)
        for name in ("room_id", "room_name", "capacity", "picture", "venue_name", "address",
                     "place_id", "place_name")
    } | {
        "venue_id": row.venue_id,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "functions": sorted(words(row.functions)),
        "equipment": sorted(words(row.equipment)),
        "step_free": bool(row.step_free and row.venue_step_free),
        "audience": found.one.hours.rules.audience,
        "approval": found.one.hours.rules.approval,
        "distance_m": None if metres is None else round(metres),
        "starts": [
            {"starts_at": clock.rfc3339(one.starts_at), "ends_at": clock.rfc3339(one.ends_at)}
            for one in found.slots
        ],
    }  # fmt: skip
