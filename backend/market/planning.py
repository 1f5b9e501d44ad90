"""The verbs of planning: market days and stalls; clashes of people and places are refused."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.market import grid, papers
from backend.market.errors import DayClosed, DayTaken, PapersLacking, ProviderBusy
from backend.market.grid import Minutes
from backend.market.models import (
    MarketDay,
    Provider,
    ProviderKind,
    Service,
    Stall,
    StallProvider,
)
from backend.places import occupancy
from backend.places.models import OccupantKind, Place, Room
from backend.places.occupancy import Use
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

RUN = Permission.RUN_MARKETS
MINUTE = timedelta(minutes=1)


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
    breaks: Sequence[Minutes] = ()
    room_id: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    home_place_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """What stands in the stall's own row."""
        values = asdict(self) | {"breaks": [list(one) for one in self.breaks]}
        del values["provider_ids"]
        return values


def moment(day: date, minute: int) -> datetime:
    """The moment so many minutes after the day's midnight."""
    return datetime.combine(day, time(), clock.LOCAL) + minute * MINUTE


def access_day(
    session: Session, me: SignedInStaff, market_day_id: int, *, locked: bool = False
) -> AnyRow:
    """A market day in reach. Raises NotFound."""
    found = select(
        MarketDay.id, MarketDay.place_id, MarketDay.day, MarketDay.title, MarketDay.spot,
        MarketDay.cancelled_at, Place.name.label("place_name"), Place.path,
    ).join(Place, Place.id == MarketDay.place_id)  # fmt: skip
    found = found.where(MarketDay.id == market_day_id, me.covers(RUN, Place.path))
    if locked:
        found = found.with_for_update(of=MarketDay.__table__)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row


def plan_day(
    session: Session, me: SignedInStaff, place_id: int, day: date, title: str, spot: str,
    now: datetime,
) -> int:  # fmt: skip
    """A market day without stalls yet; its id. Raises NotFound, Invalid, DayTaken."""
    if not session.execute(
        select(Place.id).where(Place.id == place_id, me.covers(RUN, Place.path))
    ).first():
        raise NotFound()
    if day < clock.today(now):
        raise Invalid({"day": [_("请选择今天或以后的日期。")]})
    values = {"place_id": place_id, "day": day, "title": title, "spot": spot}
    try:
        with session.begin_nested():
            ident = session.execute(
                insert(MarketDay).values(values).returning(MarketDay.id)
            ).scalar_one()
    except IntegrityError as error:
        raise DayTaken() from error
    _audit(session, me, "market_day.create", ident, place_id, after=values)
    return int(ident)


def change_day(
    session: Session, me: SignedInStaff, market_day_id: int, title: str, spot: str, now: datetime
) -> None:
    """Its title, and where exactly it is. Raises NotFound, DayClosed."""
    day = _open_day(session, me, market_day_id, now)
    after = {"title": title, "spot": spot}
    session.execute(update(MarketDay).where(MarketDay.id == day.id).values(after))
    before = {"title": day.title, "spot": day.spot}
    _audit(session, me, "market_day.change", day.id, day.place_id, before, after)


def cancel_day(session: Session, me: SignedInStaff, market_day_id: int, now: datetime) -> None:
    """The market does not take place: its rooms are free again. Raises NotFound, DayClosed."""
    day = _open_day(session, me, market_day_id, now)
    session.execute(update(MarketDay).where(MarketDay.id == day.id).values(cancelled_at=now))
    occupancy.vacate(session, OccupantKind.MARKET, [day.id])
    _audit(session, me, "market_day.cancel", day.id, day.place_id)


def add_stall(
    session: Session, me: SignedInStaff, market_day_id: int, plan: StallPlan, now: datetime
) -> int:
    """One more stall; its id.

    Raises NotFound, Invalid by field, and what stands against it: PapersLacking, ProviderBusy,
    RoomTaken; DayClosed.
    """
    day = _open_day(session, me, market_day_id, now)
    _check(session, me, day, plan, 0)
    stall_id = session.execute(
        insert(Stall).values({"market_day_id": day.id} | plan.columns()).returning(Stall.id)
    ).scalar_one()
    _write_people(session, stall_id, plan.provider_ids)
    occupy(session, day.id, day.day, now)
    after = _told(plan)
    _audit(session, me, "stall.create", stall_id, day.place_id, after=after, kind="stall")
    return int(stall_id)


def change_stall(
    session: Session, me: SignedInStaff, stall_id: int, plan: StallPlan, now: datetime
) -> int:
    """The stall as it is to be; the id of its market day. Raises what `add_stall` does."""
    stall = access_stall(session, me, stall_id)
    day = _open_day(session, me, stall.market_day_id, now)
    _check(session, me, day, plan, stall_id)
    session.execute(update(Stall).where(Stall.id == stall_id).values(plan.columns()))
    session.execute(delete(StallProvider).where(StallProvider.stall_id == stall_id))
    _write_people(session, stall_id, plan.provider_ids)
    occupy(session, day.id, day.day, now)
    after = _told(plan)
    _audit(session, me, "stall.change", stall_id, day.place_id, after=after, kind="stall")
    return int(day.id)


def remove_stall(session: Session, me: SignedInStaff, stall_id: int, now: datetime) -> int:
    """Take a stall out of the plan; the id of its market day. Raises NotFound, DayClosed."""
    stall = access_stall(session, me, stall_id)
    day = _open_day(session, me, stall.market_day_id, now)
    session.execute(delete(table_of(Stall)).where(Stall.id == stall_id))
    occupy(session, day.id, day.day, now)
    _audit(session, me, "stall.remove", stall_id, day.place_id, kind="stall")
    return int(day.id)


def access_stall(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    """A stall in reach. Raises NotFound."""
    row = session.execute(
        select(*table_of(Stall).c, MarketDay.place_id, MarketDay.day)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(Stall.id == stall_id, me.covers(RUN, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def people_of(session: Session, stall_id: int) -> list[int]:
    """The ids of who is at a stall."""
    of_stall = StallProvider.stall_id == stall_id
    return list(session.scalars(select(StallProvider.provider_id).where(of_stall)))


def _open_day(session: Session, me: SignedInStaff, market_day_id: int, now: datetime) -> AnyRow:
    day = access_day(session, me, market_day_id, locked=True)
    if day.cancelled_at is not None or day.day < clock.today(now):
        raise DayClosed()
    return day


def _write_people(session: Session, stall_id: int, provider_ids: Iterable[int]) -> None:
    session.execute(
        insert(StallProvider),
        [{"stall_id": stall_id, "provider_id": one} for one in sorted(set(provider_ids))],
    )


def _check(
    session: Session, me: SignedInStaff, day: AnyRow, plan: StallPlan, stall_id: int
) -> None:
    _check_times(plan)
    service = session.execute(
        select(Service.papers).where(Service.id == plan.service_id)
    ).first()  # fmt: skip
    found = _hold_people(session, plan.provider_ids)
    if service is None or len(found) != len(set(plan.provider_ids)):
        raise NotFound()
    _check_room(session, me, plan.room_id)
    holders = papers.holders(session, plan.provider_ids)
    if lacking := papers.lacking(service.papers, holders.values(), day.day):
        raise PapersLacking([str(one) for one in lacking])
    _check_people(session, day, plan, stall_id)


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


def _check_room(session: Session, me: SignedInStaff, room_id: int | None) -> None:
    if room_id is None:
        return
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


def _check_people(session: Session, day: AnyRow, plan: StallPlan, stall_id: int) -> None:
    """A person is at one stall at a time, an organisation at one market. Raises ProviderBusy."""
    busy = session.execute(
        select(Provider.name, MarketDay.title, Service.name.label("service"))
        .select_from(StallProvider)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .join(Stall, Stall.id == StallProvider.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(
            Provider.id.in_(plan.provider_ids), MarketDay.day == day.day,
            MarketDay.cancelled_at.is_(None), Stall.id != stall_id,
            (Provider.kind == ProviderKind.PERSON) | (MarketDay.id != day.id),
            Stall.from_minute < plan.until_minute, Stall.until_minute > plan.from_minute,
        )
        .order_by(Provider.id)
    ).first()  # fmt: skip
    if busy is not None:
        raise ProviderBusy(name=busy.name, where=f"{busy.title} {busy.service}")


def occupy(session: Session, market_day_id: int, day: date, now: datetime) -> None:
    """The rooms of a day's stalls are in use by it, for exactly their hours. Raises RoomTaken.

    Stalls of one market share a room.
    """
    occupancy.vacate(session, OccupantKind.MARKET, [market_day_id])
    rows = session.execute(
        select(Stall.room_id, Stall.from_minute, Stall.until_minute)
        .where(Stall.market_day_id == market_day_id, Stall.room_id.is_not(None))
        .order_by(Stall.from_minute)
    )
    spans: dict[int, list[Minutes]] = {}
    for row in rows:
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


def _told(plan: StallPlan) -> dict[str, Any]:
    return plan.columns() | {"provider_ids": sorted(set(plan.provider_ids))}


def _audit(
    session: Session, me: SignedInStaff, action: str, ident: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, *,
    kind: str = "market_day",
) -> None:  # fmt: skip
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in (after or {}).items()
    }
    audit.record(
        session, me.staff_id, action, kind, ident, before, plain or None, place_id=place_id
    )
