"""A stall as it is to be, and what stands against it: times, papers, people elsewhere, rooms."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import Invalid, NotFound
from backend.market import grid, offers, papers
from backend.market.errors import PapersLacking, ProviderBusy
from backend.market.grid import Minutes, moment
from backend.market.models import MarketDay, Provider, ProviderKind, Service, Stall, StallProvider
from backend.places import occupancy
from backend.places.models import OccupantKind, Place, Room
from backend.places.occupancy import Use
from backend.staff.access import Permission, SignedInStaff

RUN = Permission.RUN_MARKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class StallPlan:
    """A stall as it is to be: see `Stall`. `provider_ids`: who is at it."""

    service_id: int
    provider_ids: Sequence[int]
    from_minute: int
    until_minute: int
    slot_minutes: int
    at_once: int
    walk_up_percent: int
    by_person: bool = False
    at_home: bool = False
    staff_check: bool = False
    breaks: Sequence[Minutes] = ()
    room_id: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    home_place_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """What stands in the stall's own row."""
        values = asdict(self) | {"breaks": [list(one) for one in self.breaks]}
        del values["provider_ids"]
        if self.at_home:  # nobody takes a number for a visit
            values["walk_up_percent"] = 0
        return values


def check(session: Session, me: SignedInStaff, day: AnyRow, plan: StallPlan, stall_id: int) -> None:
    """Raises what stands against a stall, but for the room's other uses; holds its people.

    NotFound, Invalid by field, NotOffered, PapersLacking, ProviderBusy.
    """
    papers_needed = check_plan(session, me, plan)
    offers.check(session, plan.provider_ids, plan.service_id, day.day)
    _check_papers(session, day.day, plan, papers_needed)
    itself = (Stall.id == stall_id) | (
        (MarketDay.id == day.id) & (Provider.kind != ProviderKind.PERSON)
    )
    _check_people(session, day.day, plan, ~itself)


def check_plan(session: Session, me: SignedInStaff, plan: StallPlan) -> Sequence[str]:
    """What holds on any day: times that fit, people, service and room that there are; holds its
    people. The papers that the service asks for.

    Raises NotFound, Invalid by field.
    """
    _check_times(plan)
    service = session.execute(
        select(Service.papers).where(Service.id == plan.service_id)
    ).first()  # fmt: skip
    found = _hold_people(session, plan.provider_ids)
    if service is None or len(found) != len(set(plan.provider_ids)):
        raise NotFound()
    if plan.room_id is not None:
        check_room(session, me, plan.room_id)
    needed: Sequence[str] = service.papers
    return needed


def check_moved(
    session: Session, day: date, market_day_id: int, plan: StallPlan, needed: Iterable[str]
) -> None:
    """The same of a stall that goes to another time with the whole of its market.

    Raises NotOffered, PapersLacking, ProviderBusy.
    """
    _hold_people(session, plan.provider_ids)
    offers.check(session, plan.provider_ids, plan.service_id, day)
    _check_papers(session, day, plan, needed)
    _check_people(session, day, plan, MarketDay.id != market_day_id)


def _check_papers(session: Session, day: date, plan: StallPlan, needed: Iterable[str]) -> None:
    holders = papers.holders(session, plan.provider_ids)
    if lacking := papers.lacking(needed, holders.values(), day):
        raise PapersLacking([str(one) for one in lacking])


def _check_times(plan: StallPlan) -> None:
    """A slot fits, and breaks lie within the opening. Raises Invalid."""
    if plan.until_minute <= plan.from_minute:
        raise Invalid({"until_minute": [_("收摊时间要晚于出摊时间。")]})
    if any(
        not plan.from_minute < begins < ends < plan.until_minute for begins, ends in plan.breaks
    ):
        raise Invalid({"breaks": [_("休息要在出摊和收摊之间。")]})
    if not grid.starts(plan.from_minute, plan.until_minute, plan.breaks, plan.slot_minutes):
        raise Invalid({"slot_minutes": [_("这样排不出一个完整的时段。")]})
    if plan.min_age is not None and plan.max_age is not None and plan.max_age < plan.min_age:
        raise Invalid({"max_age": [_("最大年龄不能小于最小年龄。")]})
    if not plan.provider_ids:
        raise Invalid({"provider_ids": [_("请至少选一位服务人员或单位。")]})
    if plan.by_person and plan.at_once != len(set(plan.provider_ids)):
        raise Invalid({"at_once": [_("可以挑人的摊位，来几位就同时服务几位。")]})


def check_room(session: Session, me: SignedInStaff, room_id: int) -> None:
    """Whether the room is one of a place of mine. Raises NotFound."""
    if not session.execute(
        select(Room.id)
        .join(Place, Place.id == Room.place_id)
        .where(Room.id == room_id, me.covers(RUN, Place.path))
    ).first():
        raise NotFound()


def _hold_people(session: Session, provider_ids: Sequence[int]) -> Sequence[int]:
    """Whoever plans the same people elsewhere at this moment waits, and then sees this plan."""
    return session.scalars(
        select(Provider.id)
        .where(Provider.id.in_(provider_ids))
        .order_by(Provider.id)
        .with_for_update()
    ).all()


def _check_people(
    session: Session, day: date, plan: StallPlan, elsewhere: ColumnElement[bool]
) -> None:
    """A person is at one stall at a time, an organisation at one market; one that closed counts no
    more. Raises ProviderBusy.
    """
    busy = session.execute(
        select(Provider.name, MarketDay.title, Service.name.label("service"))
        .select_from(StallProvider)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .join(Stall, Stall.id == StallProvider.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(
            Provider.id.in_(plan.provider_ids), MarketDay.day == day,
            MarketDay.cancelled_at.is_(None), Stall.closed_at.is_(None), elsewhere,
            Stall.from_minute < plan.until_minute, Stall.until_minute > plan.from_minute,
        )
        .order_by(Provider.id)
    ).first()  # fmt: skip
    if busy is not None:
        raise ProviderBusy(name=busy.name, where=f"{busy.title} {busy.service}")


def called_off(stall: AnyRow, day: date) -> bool:
    """Whether a stall closed before it opened: it does not come at all."""
    return stall.closed_at is not None and stall.closed_at < moment(day, stall.from_minute)


def occupy(session: Session, market_day_id: int, day: date, now: datetime) -> None:
    """The rooms of a day's stalls are in use by it, for exactly their hours. Raises RoomTaken.

    Stalls of one market share a room; one that closed before it opened uses none.
    """
    occupancy.vacate(session, OccupantKind.MARKET, [market_day_id])
    rows = session.execute(
        select(Stall.room_id, Stall.from_minute, Stall.until_minute, Stall.closed_at)
        .where(Stall.market_day_id == market_day_id, Stall.room_id.is_not(None))
        .order_by(Stall.from_minute)
    )
    spans: dict[int, list[Minutes]] = {}
    for row in rows:
        if called_off(row, day):
            continue
        spans.setdefault(row.room_id, []).append((row.from_minute, row.until_minute))
    occupancy.occupy(
        session,
        (
            Use(room_id, moment(day, first), moment(day, last), OccupantKind.MARKET, market_day_id)
            for room_id, of_room in sorted(spans.items())
            for first, last in grid.merged(of_room)
        ),
        now,
    )
