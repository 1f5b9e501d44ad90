"""Whom to ring about a lesson or a market in a room: the teacher, and who is at its stalls."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.desk.room_uses import Key
from backend.market.models import Provider, Service, Stall, StallProvider
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.places.models import OccupantKind, RoomAtom

_run, _lesson = table_of(CourseRun), table_of(Lesson)
Contact = tuple[str, str | None]
"""A name, and a number where one is known."""


def of_uses(
    session: Session, keys: Collection[Key], room_ids: Collection[int]
) -> dict[Key, list[Contact]]:
    """By kind and id; of a market those whose stalls share a part with these rooms. Two reads."""
    lessons = [ident for kind, ident in keys if kind == OccupantKind.LESSON]
    markets = [ident for kind, ident in keys if kind == OccupantKind.MARKET]
    found: dict[Key, list[Contact]] = defaultdict(list)
    teachers = session.execute(
        select(_lesson.c.id, Teacher.name, Teacher.phone)
        .join_from(_lesson, _run, _run.c.id == _lesson.c.run_id)
        .join(Teacher, Teacher.id == func.coalesce(_lesson.c.teacher_id, _run.c.teacher_id))
        .where(_lesson.c.id.in_(lessons))
    )
    for row in teachers:
        found[OccupantKind.LESSON, row.id].append((row.name, row.phone))
    theirs, ours = RoomAtom.__table__, RoomAtom.__table__.alias("ours")
    here = (
        select(theirs.c.room_id)
        .join(ours, ours.c.atom_id == theirs.c.atom_id)
        .where(ours.c.room_id.in_(room_ids))
    )
    stalls = session.execute(
        select(Stall.market_day_id, Service.name, Provider.name.label("who"), Provider.contact,
               Provider.phone)
        .join(Service, Service.id == Stall.service_id)
        .outerjoin(StallProvider, StallProvider.stall_id == Stall.id)
        .outerjoin(Provider, Provider.id == StallProvider.provider_id)
        .where(Stall.market_day_id.in_(markets), Stall.room_id.in_(here))
        .order_by(Stall.from_minute, Stall.id, Provider.id)
    )  # fmt: skip
    for row in stalls:
        name = " ".join(filter(None, (row.name, row.who, row.contact)))
        found[OccupantKind.MARKET, row.market_day_id].append((name, row.phone))
    return found
