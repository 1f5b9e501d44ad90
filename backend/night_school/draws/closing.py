"""When the window has ended the list of applications is fixed, and its fingerprint shown.

From then on nothing that happens to people, runs or places changes what is dealt from.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import bulk
from backend.booking import rules
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow, table_of
from backend.night_school import facts
from backend.night_school.draws import seed
from backend.night_school.draws.errors import NotClosedYet, NumberKnownBefore
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.draws.service import APPLY_RULES, lock
from backend.night_school.models import CourseRun, Lesson
from backend.places.models import Place

_run = table_of(CourseRun)

BARRED = "barred"
"""What became of a wish whose applicant did not meet the run's rules any more at the close."""

_ATTENDED = (State.CONFIRMED, State.ATTENDED, State.MISSED)
_wish = table_of(DrawWish)


def due(session: Session, now: datetime) -> list[int]:
    """The draws whose window has ended and whose list is still to be fixed in time."""
    return list(
        session.scalars(
            select(Draw.id).where(
                Draw.published_at.is_not(None), Draw.closed_at.is_(None),
                Draw.closes_at <= now, Draw.number_at > now,
            )
        )
    )  # fmt: skip


def fix(session: Session, draw_id: int, now: datetime) -> bool:
    """Fix the list of a draw; whether there was something to do.

    Raises NotFound, NotClosedYet, and NumberKnownBefore where the public number is out already.
    """
    draw = lock(session, draw_id)
    if draw.closed_at is not None:
        return False
    if draw.published_at is None or now < draw.closes_at:
        raise NotClosedYet()
    if now >= draw.number_at:
        raise NumberKnownBefore()
    entries = {
        "title": draw.title,
        "number": draw.number_name,
        "rules": {
            "most_wishes": draw.most_wishes, "most_places": draw.most_places,
            "home_weight": draw.home_weight, "first_weight": draw.first_weight,
        },
        "applications": _applications(session, draw, now),
    }  # fmt: skip
    entries["runs"] = _runs(session, draw_id, len(entries["applications"]))
    session.execute(
        update(Draw)
        .where(Draw.id == draw_id)
        .values(entries=seed.canonical(entries), entries_sha256=seed.digest(entries), closed_at=now)
    )
    return True


def _applications(session: Session, draw: AnyRow, now: datetime) -> list[dict[str, Any]]:
    """Without names, by code; wishes that are not allowed any more are left out and marked."""
    rows = session.execute(
        select(
            DrawApplication.id, DrawApplication.code, DrawApplication.together,
            DrawApplication.most, DrawApplication.person_id,
        )
        .where(DrawApplication.draw_id == draw.id)
        .order_by(DrawApplication.code)
    ).all()  # fmt: skip
    veterans = _veterans(session, draw.id)
    sights: dict[int, list[facts.WishSight]] = defaultdict(list)
    for sight in facts.for_draw(session, draw.id, now):
        sights[sight.application_id].append(sight)
    lot = {row.id: row.together or row.code for row in rows}
    barred = {
        (lot[sight.application_id], sight.facts.bookable_id)
        for those in sights.values()
        for sight in those
        if rules.reasons(sight.facts, rules=APPLY_RULES)
    }
    found, written = [], []
    for row in rows:
        first = 0 if row.person_id in veterans else draw.first_weight
        wishes = []
        for sight in sorted(sights[row.id], key=lambda one: one.rank):
            run_id = sight.facts.bookable_id
            tickets = 1 + first + (draw.home_weight if sight.at_home else 0)
            out = (lot[row.id], run_id) in barred
            written.append((row.id, sight.rank, tickets, BARRED if out else None))
            if not out:
                wishes.append({"run": run_id, "tickets": tickets})
        if wishes:
            most = min([row.most, *_left_this_term(sights[row.id])])
            found.append(
                {"code": row.code, "together": row.together, "most": most, "wishes": wishes}
            )
    bulk.update_each(session, _wish, ("application_id", "rank"), ("tickets", "got"), written)
    return found


def _left_this_term(sights: list[facts.WishSight]) -> list[int]:
    """How many more runs the person may have in the term, where that is limited."""
    known = [sight.facts for sight in sights if sight.facts.most is not None]
    return [max((one.most or 0) - one.in_term, 1) for one in known]


def _veterans(session: Session, draw_id: int) -> set[int]:
    """The applicants who were in a class before: with a place that was not given back."""
    return set(
        session.scalars(
            select(DrawApplication.person_id)
            .join(Booking, Booking.person_id == DrawApplication.person_id)
            .join(_run, _run.c.id == Booking.bookable_id)
            .where(DrawApplication.draw_id == draw_id, Booking.state.in_(_ATTENDED))
        )
    )


def _runs(session: Session, draw_id: int, applications: int) -> list[dict[str, Any]]:
    """The runs with the places there are and their lessons in seconds since 1970."""
    lessons: dict[int, list[list[int]]] = defaultdict(list)
    for row in session.execute(
        select(Lesson.run_id, Lesson.starts_at, Lesson.ends_at)
        .join(_run, _run.c.id == Lesson.run_id)
        .where(_run.c.draw_id == draw_id, Lesson.cancelled_at.is_(None))
        .order_by(Lesson.starts_at)
    ):
        span = [int(row.starts_at.timestamp()), int(row.ends_at.timestamp())]
        lessons[row.run_id].append(span)
    rows = session.execute(
        select(
            Bookable.id, Bookable.title, Bookable.capacity, Bookable.overbooked, Bookable.taken,
            Bookable.cancelled_at, Place.name.label("place_name"),
        )
        .join(_run, _run.c.id == Bookable.id)
        .join(Place, Place.id == Bookable.place_id)
        .where(_run.c.draw_id == draw_id)
        .order_by(Bookable.id)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "title": row.title,
            "place": row.place_name,
            "places": _places(row, applications),
            "lessons": lessons[row.id],
        }
        for row in rows
    ]


def _places(row: AnyRow, applications: int) -> int:
    if row.cancelled_at is not None:
        return 0
    if row.capacity is None:
        return applications
    return max(int(row.capacity + row.overbooked - row.taken), 0)
