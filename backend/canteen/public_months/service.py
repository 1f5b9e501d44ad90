"""The accountant enters what a month cost, publishes its sheet, and may take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.accounts.statements import next_month
from backend.canteen.claims import proposing
from backend.canteen.claims.errors import PeriodNotOver
from backend.canteen.claims.proposing import SETTLE
from backend.canteen.models import Canteen
from backend.canteen.public_months import figures
from backend.canteen.public_months.figures import Figures
from backend.canteen.public_months.models import CanteenMonth
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff

_month, _canteen, _place = table_of(CanteenMonth), table_of(Canteen), table_of(Place)


@dataclass(frozen=True, slots=True)
class Month:
    """One canteen's month: figures as published, else as they stand now; `kept`, if any."""

    canteen_id: int
    name: str
    place_name: str
    now: Figures
    kept: AnyRow | None

    @property
    def shown(self) -> Any:
        """What is public, or would be."""
        return self.kept if self.is_public else self.now

    @property
    def is_public(self) -> bool:
        """Whether everybody can read it."""
        return self.kept is not None and self.kept.published_at is not None

    @property
    def differs(self) -> bool:
        """What is public is not what it comes to by now; never where nothing was noted here."""
        names = ("meals", "income_fen", "subsidy_fen")
        return self.now.meals > 0 and any(
            getattr(self.shown, name) != getattr(self.now, name) for name in names
        )


def list_months(session: Session, me: SignedInStaff, first: date) -> list[Month]:
    """The canteens in reach; five reads."""
    canteens = proposing.list_canteens(session, me)
    ids = [row.id for row in canteens]
    now = figures.read(session, ids, first, next_month(first))
    kept = {
        row.canteen_id: row
        for row in session.execute(
            select(_month).where(_month.c.month == first, _month.c.canteen_id.in_(ids))
        )
    }
    return [
        Month(row.id, row.name, row.place_name, now[row.id], kept.get(row.id)) for row in canteens
    ]


def enter(
    session: Session, me: SignedInStaff, canteen_id: int, first: date, cost_fen: int,
    note: str | None,
) -> None:  # fmt: skip
    """What the month cost, unless its sheet is public. Raises NotFound, Invalid."""
    canteen = _access(session, me, canteen_id)
    was = _kept(session, canteen_id, first)
    if was is not None and was.published_at is not None:
        raise Invalid({"cost": [_("这个月已经公示，请先撤回再改。")]})
    values = {"cost_fen": cost_fen, "note": note}
    if was is None:
        session.execute(insert(_month).values(canteen_id=canteen_id, month=first, **values))
    else:
        session.execute(update(_month).where(_is(canteen_id, first)).values(values))
    before = None if was is None else {"cost_fen": was.cost_fen}
    _record(session, me, "canteen_month.cost", canteen, first, before, {"cost_fen": cost_fen})


def publish(
    session: Session, me: SignedInStaff, canteen_id: int, first: date, now: datetime
) -> None:
    """From now on everybody can read the month, with the figures of this moment.

    Raises NotFound, Invalid without its cost, PeriodNotOver.
    """
    canteen = _access(session, me, canteen_id)
    kept = _kept(session, canteen_id, first)
    if kept is None:
        raise Invalid({"cost": [_("请先填写这个月的支出。")]})
    if clock.today(now) < next_month(first):
        raise PeriodNotOver(day=first.strftime("%Y-%m"))
    if kept.published_at is not None:
        audit.unchanged(session)
        return
    found = figures.read(session, [canteen_id], first, next_month(first))[canteen_id]
    values = {"meals": found.meals, "income_fen": found.income_fen,
              "subsidy_fen": found.subsidy_fen}  # fmt: skip
    session.execute(update(_month).where(_is(canteen_id, first)).values(published_at=now, **values))
    after = values | {"cost_fen": kept.cost_fen}
    _record(session, me, "canteen_month.publish", canteen, first, after=after)


def take_back(session: Session, me: SignedInStaff, canteen_id: int, first: date) -> None:
    """Nobody else can read it any more, until it is published anew. Raises NotFound."""
    canteen = _access(session, me, canteen_id)
    kept = _kept(session, canteen_id, first)
    if kept is None or kept.published_at is None:
        audit.unchanged(session)
        return
    nothing = {"published_at": None, "meals": None, "income_fen": None, "subsidy_fen": None}
    session.execute(update(_month).where(_is(canteen_id, first)).values(nothing))
    before = {name: getattr(kept, name) for name in ("meals", "income_fen", "subsidy_fen")}
    _record(session, me, "canteen_month.take_back", canteen, first, before)


def list_public(session: Session, first: date | None) -> dict[str, Any]:
    """The sheet of a month, of the latest one without: which months there are, and its canteens.

    Two reads. Raises NotFound for a month of which nothing is public.
    """
    public = _month.c.published_at.is_not(None)
    months: Sequence[date] = session.scalars(
        select(_month.c.month).where(public).distinct().order_by(_month.c.month.desc())
    ).all()
    chosen = first or (months[0] if months else None)
    if chosen not in months:
        if first is None:
            return {"month": None, "months": [], "canteens": []}
        raise NotFound()
    rows = session.execute(
        select(_month, _canteen.c.name, _place.c.name.label("place_name"))
        .join(_canteen, _canteen.c.id == _month.c.canteen_id)
        .join(_place, _place.c.id == _canteen.c.place_id)
        .where(public, _month.c.month == chosen)
        .order_by(_place.c.path, _canteen.c.name, _canteen.c.id)
    )
    names = ("canteen_id", "name", "place_name", "meals", "income_fen", "subsidy_fen", "cost_fen",
             "note")  # fmt: skip
    return {
        "month": f"{chosen:%Y-%m}", "months": [f"{one:%Y-%m}" for one in months],
        "canteens": [{name: getattr(row, name) for name in names} for row in rows],
    }  # fmt: skip


def get_public(session: Session, first: date | None) -> dict[str, Any]:
    """The same, where there is something to print, with `month` as a day. Raises NotFound."""
    found = list_public(session, first)
    if found["month"] is None:
        raise NotFound()
    return found | {"month": date.fromisoformat(f"{found['month']}-01")}


def _access(session: Session, me: SignedInStaff, canteen_id: int) -> AnyRow:
    """A canteen in reach, locked. Raises NotFound."""
    row = session.execute(
        select(_canteen.c.id, _canteen.c.place_id)
        .join(_place, _place.c.id == _canteen.c.place_id)
        .where(_canteen.c.id == canteen_id, me.covers(SETTLE, _place.c.path))
        .with_for_update(key_share=True, of=_canteen)
    ).first()
    if row is None:
        raise NotFound()
    return row


def _is(canteen_id: int, first: date) -> Any:
    return (_month.c.canteen_id == canteen_id) & (_month.c.month == first)


def _kept(session: Session, canteen_id: int, first: date) -> AnyRow | None:
    return session.execute(select(_month).where(_is(canteen_id, first))).first()


def _record(
    session: Session, me: SignedInStaff, action: str, canteen: AnyRow, first: date,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    month = {"month": f"{first:%Y-%m}"}
    audit.record(
        session, me.staff_id, action, "canteen", canteen.id, before, month | (after or {}),
        place_id=canteen.place_id,
    )  # fmt: skip
