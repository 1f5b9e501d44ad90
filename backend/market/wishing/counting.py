"""What is wished for where, for whoever plans: counted by community, with its estates.

Only wishes of the last twelve months count, each person once per service, where they live now.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock, spreadsheets
from backend.market.fitting import RUN
from backend.market.models import MarketDay, Service, Stall
from backend.market.wishing.models import MarketWish
from backend.market.wishing.service import COUNTS
from backend.people.models import Person
from backend.places.models import Place, PlaceKind
from backend.spreadsheets import Column
from backend.staff.access import SignedInStaff

MOST_WORDS = 50
"""So many wishes in people's own words are shown per community, the newest."""


@dataclass(slots=True)
class Wished:
    """A service as wished for in a community: by how many, in which homes, and when it was there.

    `last` and `next`: the last market there that had it, and the next one planned.
    """

    service_id: int
    service: str
    count: int = 0
    homes: Counter[str] = field(default_factory=Counter)
    last: date | None = None
    next: date | None = None


@dataclass(slots=True)
class Community:
    """A community with what is wished for there, the most wished first, and people's own words."""

    id: int
    name: str
    path: str
    services: list[Wished] = field(default_factory=list)
    own_words: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(one.count for one in self.services)


def list_wishes(
    session: Session, me: SignedInStaff, now: datetime, place_id: int | None = None
) -> list[Community]:
    """Communities in my reach where something is wished for, by how much; `place_id`: that one,
    or the one it lies in. Four reads.
    """
    of_kind = Place.kind == PlaceKind.COMMUNITY
    found = select(Place.id, Place.name, Place.path).where(of_kind, me.covers(RUN, Place.path))
    if place_id is not None:
        path = session.scalar(select(Place.path).where(Place.id == place_id)) or "/"
        found = found.where(Place.id.in_([int(one) for one in path.strip("/").split("/") if one]))
    communities = {
        row.id: Community(row.id, row.name, row.path)
        for row in session.execute(found.order_by(Place.path))
    }
    _count(session, communities, now)
    _offered(session, communities, clock.today(now))
    _own_words(session, communities, now)
    listed = [one for one in communities.values() if one.services or one.own_words]
    return sorted(listed, key=lambda one: (-one.count, one.path))


def _of(path: str, communities: dict[int, Community]) -> Community | None:
    """The community of a place, by its path."""
    ids = (int(one) for one in path.strip("/").split("/"))
    return next((communities[one] for one in ids if one in communities), None)


def _count(session: Session, communities: dict[int, Community], now: datetime) -> None:
    rows = session.execute(
        select(
            Place.path, Place.name, Place.kind, Service.id, Service.name.label("service"),
            func.count().label("people"),
        )
        .select_from(MarketWish)
        .join(Person, Person.id == MarketWish.person_id)
        .join(Place, Place.id == Person.home_place_id)
        .join(Service, Service.id == MarketWish.service_id)
        .where(MarketWish.wished_at > now - COUNTS)
        .group_by(Place.path, Place.name, Place.kind, Service.id, Service.name)
        .order_by(Place.path)
    )  # fmt: skip
    known: dict[tuple[int, int], Wished] = {}
    for row in rows:
        community = _of(row.path, communities)
        if community is None:
            continue
        wished = known.get((community.id, row.id))
        if wished is None:
            wished = known[community.id, row.id] = Wished(row.id, row.service)
            community.services.append(wished)
        wished.count += row.people
        if row.kind == PlaceKind.ESTATE:
            wished.homes[row.name] += row.people
    for community in communities.values():
        community.services.sort(key=lambda one: (-one.count, one.service))


def _offered(session: Session, communities: dict[int, Community], today: date) -> None:
    """The last market of each community with a service, and the next."""
    rows = session.execute(
        select(Place.path, Stall.service_id, MarketDay.day)
        .distinct()
        .select_from(Stall)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(MarketDay.cancelled_at.is_(None), MarketDay.day > today - COUNTS)
        .order_by(MarketDay.day)
    )
    for row in rows:
        community = _of(row.path, communities)
        for wished in community.services if community else ():
            if wished.service_id != row.service_id:
                continue
            if row.day < today:
                wished.last = row.day
            elif wished.next is None:
                wished.next = row.day


def _own_words(session: Session, communities: dict[int, Community], now: datetime) -> None:
    rows = session.execute(
        select(Place.path, MarketWish.own_words)
        .select_from(MarketWish)
        .join(Person, Person.id == MarketWish.person_id)
        .join(Place, Place.id == Person.home_place_id)
        .where(MarketWish.wished_at > now - COUNTS, MarketWish.own_words.is_not(None))
        .order_by(MarketWish.wished_at.desc())
    )
    for row in rows:
        community = _of(row.path, communities)
        if community is not None and len(community.own_words) < MOST_WORDS:
            community.own_words.append(row.own_words)


def sheet(found: Iterable[Community]) -> bytes:
    """The same as a spreadsheet: one line per community and service."""
    columns = [
        Column(_("社区")), Column(_("服务")), Column(_("想要的人数"), 12), Column(_("分小区"), 40),
        Column(_("最近办过"), 14), Column(_("下次安排"), 14),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [one.name, wished.service, wished.count, _homes(wished), wished.last, wished.next]
        for one in found
        for wished in one.services
    ]
    return spreadsheets.write(_("集市愿望"), columns, rows)


def _homes(wished: Wished) -> str:
    return str(_("、")).join(f"{name} {count}" for name, count in wished.homes.most_common())
