"""The markets of a place in a period, or one market day: what page and sheets show."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.market.models import MarketDay, Stall
from backend.market.statistics import counting, measures
from backend.market.statistics.counting import Counted
from backend.market.statistics.figures import Figures
from backend.places.models import Place, PlaceKind
from backend.staff import periods
from backend.staff.access import Permission, SignedInStaff
from backend.staff.figures import Line, Table
from backend.staff.periods import Period
from backend.staff.tree import Tree

SEE = Permission.SEE_STATISTICS
MOST_DAYS = 60
"""So many markets are listed one by one."""

Of = Callable[[AnyRow], Any]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `places` and `periods` can be chosen; `market`: it is about that day alone."""

    place: AnyRow
    places: list[tuple[int, str]]
    periods: list[Period]
    period: Period
    market: AnyRow | None
    total: Line
    tables: list[Table]

    @property
    def name(self) -> str:
        """As a heading."""
        return str(self.place.name if self.market is None else self.market.title)


def read(session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime) -> Report:
    """What `asked` is about: place_id, period, since and until; or market_day_id.

    What is left out is the top of one's reach and the past four weeks. Raises NotFound for what is
    out of reach, Invalid for days that are no span. As many reads however many markets there are.
    """
    tree, today = Tree(session, me, SEE), clock.today(now)
    every = periods.list_periods(today)
    market = _market(session, me, asked.get("market_day_id"))
    if market is None:
        place = tree.choose(asked.get("place_id"))
        period = periods.choose(
            every, asked.get("period"), asked.get("since"), asked.get("until"), today
        )
        which = _held(place.path, period.since, min(period.until, today))
    else:
        place = _at(tree, market, PlaceKind.COMMUNITY)
        period = Period("", "", market.day, market.day)
        which = MarketDay.id == market.id
    counted = counting.stalls(session, which, now)
    whole = Figures()
    tables = _tables(session, tree, place, which, counted, whole, alone=market is not None)
    name = str(place.name if market is None else market.title)
    return Report(
        place, tree.choices(), every, period, market, Line(name, measures.shown(whole)), tables
    )


def _market(session: Session, me: SignedInStaff, market_day_id: int | None) -> AnyRow | None:
    if market_day_id is None:
        return None
    row = session.execute(
        select(MarketDay.id, MarketDay.title, MarketDay.day, Place.path)
        .join(Place, Place.id == MarketDay.place_id)
        .where(
            MarketDay.id == market_day_id, me.covers(SEE, Place.path),
            MarketDay.opened_at.is_not(None), MarketDay.cancelled_at.is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _held(path: str, since: date, until: date) -> ColumnElement[bool]:
    return (
        Place.path.like(f"{path}%") & MarketDay.day.between(since, until)
        & MarketDay.opened_at.is_not(None) & MarketDay.cancelled_at.is_(None)
    )  # fmt: skip


def _tables(
    session: Session, tree: Tree, place: AnyRow, which: ColumnElement[bool], counted: Counted,
    whole: Figures, *, alone: bool,
) -> list[Table]:  # fmt: skip
    """All cuts; `whole` becomes the sum."""
    services = _by(counted, lambda row: row.service_id, lambda row: (row.service, {}))
    services.wait(counting.waits(session, which, Stall.service_id))
    days = _by(
        counted, lambda row: row.market_day_id,
        lambda row: (f"{row.day} {row.title}", {"market_day_id": row.market_day_id}),
        lambda row: row.place_name,
    )  # fmt: skip
    days.wait(counting.waits(session, which, MarketDay.id))
    for figures in days.figures.values():
        whole.add(figures)
    tables = [
        Table("services", _("服务"), services.lines(most_first=True)),
        Table("providers", _("服务单位"), _providers(session, which, counted)),
        Table("hours", _("时段"), _hours(session, which)),
    ]
    if alone:
        return tables
    tables += _places(tree, place, days)
    months = days.rolled(lambda row: row.day.replace(day=1), lambda row: (f"{row.day:%Y-%m}", {}))
    if len(months.named) > 1:
        tables.append(Table("months", _("月份"), months.lines(by_key=True)))
    if len(days.named) <= MOST_DAYS:
        tables.append(Table("days", _("集市"), days.lines(), _("地点")))
    return tables


class _Cut:
    """Figures by a key, with a row that names each."""

    def __init__(self, named: Of, above: Of | None) -> None:
        self.figures: dict[Any, Figures] = {}
        self.named: dict[Any, AnyRow] = {}
        self._name, self._above = named, above

    def add(self, key: Any, row: AnyRow, figures: Figures) -> None:
        self.named.setdefault(key, row)
        self.figures.setdefault(key, Figures()).add(figures)

    def wait(self, waits: Mapping[Any, Any]) -> None:
        """Have the waits by the same key."""
        for key, found in waits.items():
            self.figures[key].waits.update(found)

    def rolled(self, key: Of, named: Of, above: Of | None = None) -> "_Cut":
        """The same figures by something that the lines lie in."""
        made = _Cut(named, above)
        for ident, row in self.named.items():
            made.add(key(row), row, self.figures[ident])
        return made

    def lines(self, *, by_key: bool = False, most_first: bool = False) -> list[Line]:
        """The lines as they came, in the order of their keys, or who served most first."""
        keys: Iterable[Any] = sorted(self.named) if by_key else self.named
        if most_first:
            keys = sorted(keys, key=lambda key: -self.figures[key].served)
        return [self._line(key) for key in keys]

    def _line(self, key: Any) -> Line:
        row = self.named[key]
        name, asked = self._name(row)
        above = self._above(row) if self._above else None
        return Line(name, measures.shown(self.figures[key]), asked, above)


def _by(counted: Counted, key: Of, named: Of, above: Of | None = None) -> _Cut:
    made = _Cut(named, above)
    for row, figures in counted.stalls.values():
        made.add(key(row), row, figures)
    return made


def _providers(session: Session, which: ColumnElement[bool], counted: Counted) -> list[Line]:
    """Each organisation with all that was done at the stalls it stood at."""
    names: dict[int, str] = {}
    found: dict[int, Figures] = {}
    for stall_id, organisations in counted.organisations.items():
        for ident, name in organisations:
            names[ident] = name
            found.setdefault(ident, Figures()).add(counted.stalls[stall_id][1])
    for ident, waits in counting.waits_by_organisation(session, which).items():
        found[ident].waits.update(waits)
    ordered = sorted(found, key=lambda ident: (-found[ident].served, names[ident]))
    return [Line(names[ident], measures.shown(found[ident])) for ident in ordered]


def _hours(session: Session, which: ColumnElement[bool]) -> list[Line]:
    return [
        Line(f"{hour:02}:00–{hour + 1:02}:00", measures.shown(figures))
        for hour, figures in counting.by_hour(session, which).items()
    ]


def _places(tree: Tree, place: AnyRow, days: _Cut) -> list[Table]:
    """By street and by community, as far as they lie below the place."""

    def street(row: AnyRow) -> str:
        return str(_at(tree, row, PlaceKind.STREET).name)

    def rolled(kind: PlaceKind) -> _Cut:
        return days.rolled(
            lambda row: _at(tree, row, kind).path,
            lambda row: (_at(tree, row, kind).name, {"place_id": _at(tree, row, kind).id}),
            street if kind == PlaceKind.COMMUNITY else None,
        )

    tables = []
    if place.kind == PlaceKind.DISTRICT:
        tables.append(Table("streets", _("街道"), rolled(PlaceKind.STREET).lines(by_key=True)))
    if place.kind != PlaceKind.COMMUNITY:
        lines = rolled(PlaceKind.COMMUNITY).lines(by_key=True)
        tables.append(Table("communities", _("社区"), lines, _("街道")))
    return tables


def _at(tree: Tree, row: AnyRow, kind: PlaceKind) -> AnyRow:
    found = tree.at(row.path, kind)
    assert found is not None  # it lies in reach, so what it lies in is known
    return found
