"""Wishing: tick services, add one in one's own words, change one's mind, take it back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.market.errors import HomeNeeded
from backend.market.models import Service
from backend.market.wishing.models import MarketWish
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place

COUNTS = timedelta(days=365)
"""How long a wish counts; whoever says it again begins anew."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that somebody wishes for from now on; nothing takes everything back."""

    service_ids: Collection[int] = field(default=())
    own_words: str | None = None


def wish(
    session: Session, me: Resident, person_id: int, wishes: Wishes, now: datetime
) -> dict[str, Any]:
    """Replace what I, or somebody of the household, wish for; how it stands then.

    Saying the same again makes it new. Raises NotFound for services that are not there and people
    the account may not act for, and HomeNeeded where nobody knows for which estate.
    """
    person = _person(session, me, person_id, now, locked=True)
    service_ids = set(wishes.service_ids)
    known = session.scalars(select(Service.id).where(Service.id.in_(service_ids))).all()
    if len(known) < len(service_ids):
        raise NotFound()
    own_words = (wishes.own_words or "").strip() or None
    if person.home_place_id is None and (service_ids or own_words):
        raise HomeNeeded()
    session.execute(delete(MarketWish).where(MarketWish.person_id == person_id))
    rows: list[dict[str, Any]] = [
        {"service_id": one, "own_words": None} for one in sorted(service_ids)
    ]
    if own_words:
        rows.append({"service_id": None, "own_words": own_words})
    if rows:
        said = {"person_id": person_id, "wished_at": now}
        session.execute(insert(MarketWish), [row | said for row in rows])
    return list_mine(session, me, person_id, now)


def list_mine(session: Session, me: Resident, person_id: int, now: datetime) -> dict[str, Any]:
    """The services there are, which of them somebody wishes for, and until when that counts.

    Wishes that are too old count no more, and are not shown. Raises NotFound.
    """
    person = _person(session, me, person_id, now)
    rows = session.execute(
        select(MarketWish.service_id, MarketWish.own_words, MarketWish.wished_at).where(
            MarketWish.person_id == person_id, MarketWish.wished_at > now - COUNTS
        )
    ).all()
    wished = {row.service_id for row in rows}
    services = session.execute(select(Service.id, Service.name).order_by(Service.name))
    until = min((row.wished_at for row in rows), default=None)
    return {
        "person_id": person_id, "place_name": person.place_name,
        "counts_until": until and clock.rfc3339(until + COUNTS),
        "own_words": next((row.own_words for row in rows if row.own_words), None),
        "services": [
            {"id": row.id, "name": row.name, "wished": row.id in wished} for row in services
        ],
    }  # fmt: skip


def _person(
    session: Session, me: Resident, person_id: int, now: datetime, *, locked: bool = False
) -> AnyRow:
    """Me, or somebody I may act for, with the home; held, so that two phones do not both write."""
    found = (
        select(Person.id, Person.home_place_id, Place.name.label("place_name"))
        .outerjoin(Place, Place.id == Person.home_place_id)
        .where(
            Person.id == person_id, Person.merged_into_id.is_(None),
            acts_for(me, Person.id, clock.today(now)),
        )
    )  # fmt: skip
    if locked:
        found = found.with_for_update(of=Person.__table__)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row
