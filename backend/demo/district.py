"""Puts the demo district together, part after part, from one moment."""

from dataclasses import dataclass
from datetime import datetime

from backend import clock
from backend.demo import (
    afterwards,
    attendance,
    catalogue,
    enrolments,
    households,
    messages,
    notices,
    past_rooms,
    people,
    places,
    plan,
    runs,
    staff,
    venues,
)
from backend.demo.rows import Rows


@dataclass(frozen=True, slots=True)
class Demo:
    """The rows, and what they tell of: places, courses, people, who is enrolled where."""

    rows: Rows
    team: staff.Team
    district: places.District
    catalogue: catalogue.Catalogue
    residents: list[people.Resident]
    rolls: enrolments.Rolls


def build(now: datetime) -> Demo:
    """All rows of the demo as it looks at `now`; the same moment always gives the same rows.

    Needs an application context: phones are hashed under its key.
    """
    today = clock.today(now)
    now = now.replace(microsecond=0)
    rows = Rows()
    district = places.build(rows)
    team = staff.build(rows, district, now)
    residents = people.build(rows, district, now, today)
    households.build(rows, residents, team, now, today)
    offered = catalogue.build(rows, team, now)
    past, present = runs.build(
        rows, district, plan.past_term(offered, district),
        plan.present_term(offered, district, now), now, today,
    )  # fmt: skip
    venues.build(rows, district)
    rolls = enrolments.build(rows, past, present, residents, team, now, today)
    attendance.build(rows, rolls, team, now)
    past_rooms.build(rows, district, residents, now)
    afterwards.build(rows, rolls, now)
    messages.build(rows, rolls, now)
    notices.build(rows, district, today)
    return Demo(rows, team, district, offered, residents, rolls)
