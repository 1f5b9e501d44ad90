"""What hangs and shines at a venue's door: the day's list for the doorkeeper, and the screen.

Pure. The screen is read by everybody who passes: it names no person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend import clock
from backend.desk.day_grid import Column, Entry
from backend.places.models import OccupantKind
from backend.venues.hours import Span


@dataclass(frozen=True, slots=True)
class Screen:
    """A room now: what is on, what comes today, whether it is open."""

    room: Any
    open: bool
    spans: Sequence[Span]
    why: str | None
    current: Sequence[Entry]
    coming: Sequence[Entry]
    titles: bool = False


def screen(column: Column, now: datetime) -> Screen:
    """What the screen beside the room's door says."""
    left = [one for one in column.entries if one.ends_at > now]
    return Screen(
        column.room,
        any(span.starts_at <= now < span.ends_at for span in column.spans),
        [span for span in column.spans if span.ends_at > now],
        column.why,
        [one for one in left if one.starts_at <= now],
        [one for one in left if one.starts_at > now],
        column.titles,
    )


def public_title(at: Screen, entry: Entry) -> str | None:
    """What everybody may read: of a reservation only where the room's rules let screens say so.

    What residents write is for staff; "a talk for cancer patients" or a name in it is nobody
    else's. Even where titles are shown, one with the name of whoever reserved is not. A registered
    group goes by its name.
    """
    if entry.kind != OccupantKind.RESERVATION:
        return entry.title
    named = entry.person_name and entry.person_name in (entry.title or "")
    title = entry.title if at.titles and not named else None
    if entry.group_name is None or entry.group_name in (title or ""):
        return title
    return " · ".join(filter(None, (entry.group_name, title)))


def listed(columns: Sequence[Column]) -> list[tuple[Any, Entry]]:
    """What is on in all rooms as (room, entry), by time; each thing once, in the room it is for."""
    rows = {
        (one.room.id, entry.kind, entry.id): (one.room, entry)  # a night stands in two days
        for one in columns
        for entry in one.entries
        if not entry.of_room
    }
    return sorted(rows.values(), key=lambda row: (row[1].starts_at, row[0].id))


def opening(columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    """The hours of the day, each with the rooms that have them; no hours: closed, and why."""
    found: dict[str, list[str]] = {}
    for column in columns:
        spans = "、".join(f"{_on(span.starts_at)}–{_on(span.ends_at)}" for span in column.spans)
        found.setdefault(spans or column.why or "", []).append(column.room.name)
    return list(found.items())


def _on(at: datetime) -> str:
    return f"{clock.local(at):%H:%M}"
