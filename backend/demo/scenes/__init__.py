"""Situations of a term, played through the services as residents and staff would.

What there is in bulk (enrolments, lines, attendance) is written as rows before; here is what needs
a story.
"""

from collections.abc import Callable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.demo.scenes import (
    blocks,
    canteens,
    claims,
    classes,
    counter,
    doors,
    draws,
    families,
    groups,
    kitchen,
    lessons,
    markets,
    meal_accounts,
    meal_counter,
    next_term,
    past_meals,
    rooms,
    series,
    standing,
    standing_orders,
    subsidies,
    welfare,
)
from backend.demo.scenes.ground import Ground
from backend.staff.models import AuditEntry

_SCENES: tuple[Callable[[Ground], None], ...] = (
    classes.play,
    families.play,
    draws.play,
    counter.play,
    lessons.play,
    next_term.play,
    rooms.play,
    series.play,
    groups.play,
    markets.play,
    subsidies.play,
    canteens.play,
    meal_accounts.play,
    past_meals.play,
    claims.play,
    kitchen.play,
    meal_counter.play,
    standing_orders.play,
    welfare.play,
    blocks.play,
    standing.play,
    doors.play,
)


def play(ground: Ground) -> None:
    """All scenes, one after the other."""
    for scene in _SCENES:
        scene(ground)
    _put_audit_in_order(ground.session)


def _put_audit_in_order(session: Session) -> None:
    """Number what was done by when it was done, not by scene: its page goes by the numbers."""
    entry = table_of(AuditEntry)
    rows = session.execute(select(entry).order_by(entry.c.at, entry.c.id)).all()
    session.execute(delete(entry))
    values = [dict(row._mapping) for row in rows]
    for one in values:
        del one["id"]
    session.execute(insert(entry), values)
