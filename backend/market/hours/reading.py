"""Who was at which stall from when to when, in a place and a period; summed up by provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.market import working
from backend.market.fitting import RUN
from backend.market.grid import Minutes
from backend.market.hours.models import StallHours
from backend.market.models import MarketDay, Provider, Service, Stall, StallProvider
from backend.places.models import Place
from backend.staff import periods
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff
from backend.staff.periods import Period
from backend.staff.tree import Tree

_organisation = aliased(Provider)


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody at one stall: `spans` as they count, `measured` as the events say."""

    row: AnyRow
    spans: list[Minutes]
    measured: list[Minutes]

    @property
    def minutes(self) -> int:
        """How long that is."""
        return working.minutes(self.spans)

    @property
    def corrected(self) -> bool:
        """Whether staff put it right."""
        return self.row.reason is not None


@dataclass(slots=True)
class Person:
    """Somebody who served, or an organisation that was planned without a name."""

    provider_id: int
    name: str
    organisation: str | None
    kind: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """All turns together."""
        return sum(turn.minutes for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Hours:
    """Everybody of a place and a period, those of one organisation together."""

    place: AnyRow
    places: list[tuple[int, str]]
    periods: list[Period]
    period: Period
    people: list[Person]

    @property
    def organisations(self) -> dict[str, list[Person]]:
        """By organisation; whoever stands alone is one of themselves."""
        found: dict[str, list[Person]] = {}
        for one in self.people:
            found.setdefault(one.organisation or one.name, []).append(one)
        return found


def read(session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime) -> Hours:
    """What `asked` is about: place_id, provider_id, period, since and until; two reads.

    Raises NotFound for what is out of reach, Invalid for days that are no span.
    """
    tree, today = Tree(session, me, RUN), clock.today(now)
    place = tree.choose(asked.get("place_id"))
    every = periods.list_periods(today)
    period = periods.choose(
        every, asked.get("period"), asked.get("since"), asked.get("until"), today
    )
    which = Place.path.like(f"{place.path}%") & MarketDay.day.between(
        period.since, min(period.until, today)
    )
    if asked.get("provider_id") is not None:
        which &= Provider.id == asked["provider_id"]
    people = _people(session.execute(_turns(which)).all(), now)
    return Hours(place, tree.choices(), every, period, people)


def one(
    session: Session, me: SignedInStaff, stall_id: int, provider_id: int, now: datetime
) -> Turn:
    """Somebody's turn at a stall in reach. Raises NotFound."""
    which = (Stall.id == stall_id) & (Provider.id == provider_id) & me.covers(RUN, Place.path)
    row = session.execute(_turns(which)).first()
    if row is None or row.day > clock.today(now):
        raise NotFound()
    return _turn(row, now)


def _turns(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Stall.id.label("stall_id"), Stall.from_minute, Stall.until_minute, Stall.breaks,
            Stall.closed_at, working.FIRST_EVENT.label("first_event"), MarketDay.day,
            MarketDay.title,
            MarketDay.id.label("market_day_id"), Place.id.label("place_id"),
            Place.name.label("place_name"), Service.name.label("service"),
            Provider.id.label("provider_id"), Provider.name, Provider.kind,
            _organisation.name.label("organisation"),
            _organisation.kind.label("organisation_kind"), StallHours.reason,
            StallHours.from_minute.label("right_from"),
            StallHours.until_minute.label("right_until"), Staff.name.label("corrected_by"),
        )
        .select_from(StallProvider)
        .join(Stall, Stall.id == StallProvider.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Service, Service.id == Stall.service_id)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .outerjoin(_organisation, _organisation.id == Provider.organisation_id)
        .outerjoin(
            StallHours,
            (StallHours.stall_id == Stall.id) & (StallHours.provider_id == Provider.id),
        )
        .outerjoin(Staff, Staff.id == StallHours.staff_id)
        .where(which, MarketDay.opened_at.is_not(None), MarketDay.cancelled_at.is_(None))
        .order_by(
            func.coalesce(_organisation.name, Provider.name), Provider.name, Provider.id,
            MarketDay.day, Stall.from_minute, Stall.id,
        )
    )  # fmt: skip


def _people(rows: Sequence[AnyRow], now: datetime) -> list[Person]:
    found: dict[int, Person] = {}
    for row in rows:
        kind = row.organisation_kind or row.kind
        person = Person(row.provider_id, row.name, row.organisation, kind)
        found.setdefault(row.provider_id, person).turns.append(_turn(row, now))
    return list(found.values())


def _turn(row: AnyRow, now: datetime) -> Turn:
    day: date = row.day
    ends = now if row.closed_at is None else row.closed_at
    measured = working.spans(
        (row.from_minute, row.until_minute), row.breaks, working.minute_of(day, row.first_event),
        working.minute_of(day, ends),
    )  # fmt: skip
    if row.reason is None:
        return Turn(row, measured, measured)
    right = (row.right_from, row.right_until)
    return Turn(row, [right] if right[0] < right[1] else [], measured)
