"""Absences that are announced: nobody is looked for who said they would be out."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.service import Actor
from backend.canteen.repeating.due import rests
from backend.canteen.welfare.models import AbsentDay
from backend.db import table_of
from backend.errors import Invalid
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident, acted_for, check_acts_for

AHEAD = timedelta(days=31)
"""So far ahead a day can be announced."""

_absent, _person = table_of(AbsentDay), table_of(Person)


def announce(session: Session, person_id: int, day: date, actor: Actor, now: datetime) -> None:
    """Nobody is at home that day; twice changes nothing. Raises Invalid.

    What is ordered stays ordered: it is brought, or given back before the cut-off.
    """
    today = clock.today(now)
    if not today <= day <= today + AHEAD:
        raise Invalid({"day": [_("请选今天到一个月以内的日期。")]})
    session.execute(
        insert(_absent)
        .values(
            person_id=person_id, day=day, made_at=now, account_id=actor.account_id,
            staff_id=actor.staff_id,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "day"])
    )  # fmt: skip


def take_back(session: Session, person_id: int, day: date) -> None:
    """At home after all; twice changes nothing."""
    session.execute(
        delete(_absent).where(_absent.c.person_id == person_id, _absent.c.day == day)
    )  # fmt: skip


def announce_mine(
    session: Session, me: Resident, person_id: int, day: date, now: datetime
) -> None:  # fmt: skip
    """For myself, or somebody I act for. Raises NotFound, Invalid."""
    check_acts_for(session, me, person_id, clock.today(now))
    announce(session, person_id, day, Actor(account_id=me.account_id), now)


def take_back_mine(
    session: Session, me: Resident, person_id: int, day: date, now: datetime
) -> None:
    """Raises NotFound."""
    check_acts_for(session, me, person_id, clock.today(now))
    take_back(session, person_id, day)


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Announced days from today on, of everybody I may act for."""
    today = clock.today(now)
    return _listed(session, acted_for(me, today), today)


def of_person(session: Session, person_id: int, today: date) -> list[dict[str, Any]]:
    """Those of one person."""
    return _listed(session, [person_id], today)


def announced(session: Session, person_ids: Collection[int], day: date) -> set[int]:
    """Who of these is out that day: announced for the day, or their standing orders rest."""
    found = select(_person.c.id).where(_person.c.id.in_(person_ids), is_out(_person.c.id, day))
    return set(session.scalars(found))


def is_announced(session: Session, person_id: int, day: date) -> bool:
    """The same of one person."""
    return bool(announced(session, [person_id], day))


def is_out(person_id: Any, day: Any) -> ColumnElement[bool]:
    """The same as a condition."""
    said = exists().where(_absent.c.person_id == person_id, _absent.c.day == day)
    return said | rests(person_id, day)


def _listed(
    session: Session, people: Select[tuple[int]] | Collection[int], today: date
) -> list[dict[str, Any]]:
    rows = session.execute(
        select(_absent.c.person_id, shown_name().label("person_name"), _absent.c.day)
        .join(Person, Person.id == _absent.c.person_id)
        .where(_absent.c.person_id.in_(people), _absent.c.day >= today)
        .order_by(_absent.c.day, _absent.c.person_id)
    )
    return [dict(row._mapping) | {"day": row.day.isoformat()} for row in rows]
