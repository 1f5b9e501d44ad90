"""Hours of couriers in a month, from the runs themselves: from when each went out to its return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock, spreadsheets
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState
from backend.canteen.delivery.queries import DISPATCH
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.places.models import Place
from backend.spreadsheets import Column, Sheet
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff

_run, _stop, _service = table_of(DeliveryRun), table_of(DeliveryStop), table_of(MealService)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one courier did in a month: runs that came back, the time they took, bags handed over.

    `still_out`: runs that nobody has closed, whose time is not known and does not count.
    """

    courier_id: int
    name: str
    runs: int
    minutes: int
    bags: int
    still_out: int


def runs_of(session: Session, me: SignedInStaff, first: date, after: date) -> Sequence[AnyRow]:
    """The runs in reach that went out for meals of these days, with the bags handed over."""
    bags = (
        select(func.count())
        .where(_stop.c.run_id == _run.c.id, _stop.c.state == StopState.DONE)
        .scalar_subquery()
    )
    return session.execute(
        select(
            _run.c.courier_id, Staff.name, _service.c.day, _service.c.meal,
            Canteen.name.label("canteen"), _run.c.number, _run.c.name.label("run"),
            _run.c.claimed_at, _run.c.out_at, _run.c.back_at, bags.label("bags"),
        )
        .join(Staff, Staff.id == _run.c.courier_id)
        .join(_service, _service.c.id == _run.c.meal_service_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .where(
            _service.c.day >= first, _service.c.day < after, _run.c.out_at.is_not(None),
            me.covers(DISPATCH, Place.path),
        )
        .order_by(Staff.name, Staff.id, _run.c.out_at, _run.c.id)
    ).all()  # fmt: skip


def minutes_of(run: AnyRow) -> int | None:
    """Whole minutes from going out to coming back; None: it has not come back."""
    if run.back_at is None:
        return None
    return int((run.back_at - run.out_at).total_seconds() // 60)


def by_courier(runs: Sequence[AnyRow]) -> list[Carried]:
    """The sums of each, by name."""
    theirs: dict[int, list[AnyRow]] = {}
    for run in runs:
        theirs.setdefault(run.courier_id, []).append(run)
    return [
        Carried(
            ident, found[0].name, runs=sum(one.back_at is not None for one in found),
            minutes=sum(minutes_of(one) or 0 for one in found),
            bags=sum(one.bags for one in found),
            still_out=sum(one.back_at is None for one in found),
        )
        for ident, found in theirs.items()
    ]  # fmt: skip


def in_hours(minutes: int) -> str:
    """2 小时 5 分."""
    return str(_("%(hours)s 小时 %(minutes)s 分", hours=minutes // 60, minutes=minutes % 60))


def sheet(runs: Sequence[AnyRow]) -> bytes:
    """The sums, and what they are made of; hours as numbers."""
    name = Column(_("姓名"), 14)
    sums = Sheet(
        _("送餐时长"),
        [name, Column(_("趟数"), 8), Column(_("时长（小时）")), Column(_("送到份数"), 10),
         Column(_("没有收车的趟数"), 14)],
        [[one.name, one.runs, round(one.minutes / 60, 2), one.bags, one.still_out]
         for one in by_courier(runs)],
    )  # fmt: skip
    each = Sheet(
        _("每一趟"),
        [name, Column(_("日期"), 12), Column(_("餐次"), 8), Column(_("食堂"), 24),
         Column(_("第几趟"), 8), Column(_("路线"), 24), Column(_("领的时间")),
         Column(_("出发")), Column(_("回来")), Column(_("分钟"), 8), Column(_("送到份数"), 10)],
        [[one.name, one.day, str(MEALS[Meal(one.meal)]), one.canteen, one.number, one.run,
          *(at and clock.local(at) for at in (one.claimed_at, one.out_at, one.back_at)),
          minutes_of(one), one.bags] for one in runs],
    )  # fmt: skip
    return spreadsheets.write_book([sums, each])
