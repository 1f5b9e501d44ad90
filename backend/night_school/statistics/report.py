"""The statistics of a place and a period, compared with another: what page and sheets show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.night_school.models import Course, CourseCategory
from backend.night_school.statistics import measures, periods
from backend.night_school.statistics.counting import Counts, Cut, Figured, count
from backend.night_school.statistics.figures import Band, Figures
from backend.night_school.statistics.periods import Period
from backend.night_school.statistics.privacy import Hidden, veil
from backend.places.models import PlaceKind
from backend.staff.access import Permission, SignedInStaff
from backend.staff.tree import Tree

People = Mapping[Band | None, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: this period's figures, and the other's if there is one to compare."""

    name: str
    now: measures.Shown
    then: measures.Shown | None = None
    above: str | None = None
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One cut; `above` is the heading of what its lines lie in, if they do."""

    code: str
    title: str
    lines: list[Line]
    above: str | None = None

    @property
    def measures(self) -> tuple[measures.Measure, ...]:
        """The columns that this cut has."""
        return measures.BY_BAND if self.code == "bands" else measures.BY_CLASS


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `places` and `periods` are what can be chosen."""

    place: AnyRow
    places: list[tuple[int, str]]
    periods: list[Period]
    period: Period | None = None
    versus: Period | None = None
    total: Line | None = None
    tables: list[Table] = field(default_factory=list)


def read(session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime) -> Report:
    """The statistics that `asked` is about: place_id, period, versus, since and until.

    What is left out is the top of one's reach, the present term, and the term before it. Raises
    NotFound for a place out of reach and a period there is none of, Invalid for a span without
    a beginning or the wrong way round.
    """
    tree = Tree(session, me, Permission.SEE_STATISTICS)
    place = tree.choose(asked.get("place_id"))
    every = periods.list_periods(session)
    period = _period(every, asked, now)
    report = Report(place, tree.choices(), every, period)
    if period is None:
        return report
    versus = _versus(every, period, asked.get("versus"))
    sides = [count(session, place.path, one, now) for one in (period, versus) if one is not None]
    names = _Names(session, sides, every, tree)
    total, tables = _tables(place, period, sides, names)
    return Report(place, report.places, every, period, versus, total, tables)


def _period(every: list[Period], asked: Mapping[str, Any], now: datetime) -> Period | None:
    if asked.get("since") or asked.get("until"):
        return periods.span(asked.get("since"), asked.get("until") or clock.today(now))
    if key := asked.get("period"):
        return periods.find(every, key)
    return periods.usual(every, clock.today(now))


def _versus(every: list[Period], period: Period, key: str | None) -> Period | None:
    if key == periods.NO_PERIOD:
        return None
    return periods.find(every, key) if key else periods.before(every, period)


class _Names:
    """What the keys of the cuts are called, in the order of the tables."""

    def __init__(
        self, session: Session, sides: list[Counts], every: list[Period], tree: Tree
    ) -> None:
        self.tree = tree
        self.paths = tree.paths({key for side in sides for key in side.cuts[Cut.PLACE]})
        self.terms = {period.term_id: period.name for period in reversed(every) if period.term_id}
        asked = (
            select(
                Course.id, Course.title, CourseCategory.id.label("category_id"),
                CourseCategory.name, CourseCategory.name_en,
            )
            .join(CourseCategory, CourseCategory.id == Course.category_id)
            .where(Course.id.in_({key for side in sides for key in side.cuts[Cut.COURSE]}))
            .order_by(CourseCategory.sort, CourseCategory.id, Course.title)
        )  # fmt: skip
        rows = session.execute(asked).all()
        english = str(get_locale() or "zh").startswith("en")
        self.courses = {row.id: row.title for row in rows}
        self.category_of = {row.id: row.category_id for row in rows}
        self.categories = {row.category_id: row.name_en if english else row.name for row in rows}


def _tables(
    place: AnyRow, period: Period, sides: list[Counts], names: _Names
) -> tuple[Line, list[Table]]:
    everything = [
        {None: sum(side.cuts[Cut.PLACE].values(), Figures())} for side in sides
    ]  # fmt: skip
    total = _lines({None: place.name}, everything, [side.people for side in sides])[0]
    tables = _place_tables(place, sides, names)
    courses = [side.cuts[Cut.COURSE] for side in sides]
    categories = [_rolled(counts, names.category_of.__getitem__) for counts in courses]
    tables += [
        Table("categories", _("课程分类"), _lines(names.categories, categories)),
        Table(
            "courses", _("课程"),
            _lines(names.courses, courses, above=(categories, names.category_of, names.categories)),
            _("分类"),
        ),
        Table(
            "bands", _("年龄段"),
            _lines(
                {band: str(name) for band, name in measures.BANDS.items()},
                [side.cuts[Cut.BAND] for side in sides], [side.people for side in sides],
            ),
        ),
    ]  # fmt: skip
    if period.term_id is None:
        terms = [side.cuts[Cut.TERM] for side in sides]
        tables.append(Table("terms", _("学期"), _lines(names.terms, terms)))
    return total, tables


def _place_tables(place: AnyRow, sides: list[Counts], names: _Names) -> list[Table]:
    """By street and by community, as far as they lie below the place."""
    tree = names.tree

    def rolled(kind: PlaceKind) -> list[Figured]:
        def key(place_id: int) -> int:
            found = tree.at(names.paths[place_id], kind)
            return int(found.id) if found else place_id

        return [_rolled(side.cuts[Cut.PLACE], key) for side in sides]

    named = {
        row.id: row.name if row.id != place.id else _("%(name)s本级", name=row.name)
        for row in tree.rows
    }
    streets, communities = rolled(PlaceKind.STREET), rolled(PlaceKind.COMMUNITY)
    if place.kind == PlaceKind.STREET:
        lines = _lines(named, communities, drill=place.id)
        return [Table("communities", _("社区"), lines)]
    if place.kind == PlaceKind.COMMUNITY:
        return []
    kinds = {row.id: row.kind for row in tree.rows}
    own = {
        row.id: row.name
        if kinds[row.id] == PlaceKind.COMMUNITY
        else _("%(name)s本级", name=row.name)
        for row in tree.rows
    }
    street_of = {
        row.id: row.parent_id if row.kind == PlaceKind.COMMUNITY else row.id for row in tree.rows
    }
    return [
        Table("streets", _("街道"), _lines(named, streets, drill=place.id)),
        Table(
            "communities", _("社区"),
            _lines(own, communities, drill=place.id, above=(streets, street_of, named)),
            _("街道"),
        ),
    ]  # fmt: skip


def _rolled(counts: Figured, key: Callable[[Any], Any]) -> Figured:
    rolled: Figured = {}
    for ident, figures in counts.items():
        rolled[key(ident)] = rolled.get(key(ident), Figures()) + figures
    return rolled


Above = tuple[list[Figured], Mapping[Any, Any], Mapping[Any, str]]
"""The counts that a table's lines are parts of, which part is of which, and their names."""


def _lines(
    names: Mapping[Any, str], counts: list[Figured], people: list[People] | None = None,
    *, above: Above | None = None, drill: int | None = None,
) -> list[Line]:  # fmt: skip
    """The lines of one cut, in the order of `names`, those that occur in either period."""
    keys = [key for key in names if any(key in side for side in counts)]
    sides = []
    for number, side in enumerate(counts):
        of = {key: side.get(key, Figures()) for key in keys}
        veils = _veils(of, above[0][number] if above else {}, above[1] if above else {})
        known = people[number] if people else {}
        sides.append(
            {key: measures.shown(of[key], known.get(key, 0) if people else None, *veils[key])
             for key in keys}
        )  # fmt: skip
    return [
        Line(
            names[key], sides[0][key], sides[1][key] if len(sides) > 1 else None,
            above[2].get(above[1][key]) if above else None,
            key if drill is not None and key != drill else None,
        )
        for key in keys
    ]  # fmt: skip


Veils = tuple[Hidden | None, Hidden | None]


def _veils(counts: Figured, above: Figured, part_of: Mapping[Any, Any]) -> dict[Any, Veils]:
    """What hides each line's figures: of those taking part, and of those in line."""
    hidden = _veils(above, {}, {}) if above else {}
    veiled: dict[Any, Veils] = {}
    for whole in dict.fromkeys(part_of.get(key) for key in counts):
        keys = [key for key in counts if part_of.get(key) == whole]
        few, waiting = hidden.get(whole, (None, None))
        veiled |= zip(
            keys,
            zip(
                veil([counts[key].taking_part for key in keys], all_of_them=few is not None),
                veil([counts[key].in_line for key in keys], all_of_them=waiting is not None),
                strict=True,
            ),
            strict=True,
        )
    return veiled
