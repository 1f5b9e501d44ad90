"""Who may sign up for a class: the rules staff compose for it, one class at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking import bookables
from backend.booking.errors import Cancelled
from backend.booking.models import Booking
from backend.booking.rules import age_on
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.night_school.models import Course, CourseRun, Mode, Term
from backend.night_school.reach import access_class, bookable
from backend.people.models import Person
from backend.places.models import Place, PlaceKind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

LONGEST_PRIORITY = 240
"""Hours the residents of one place may come first."""

_run = table_of(CourseRun)
_home = table_of(Place).alias("home")
_first = table_of(Place).alias("first")
_kept_in = table_of(Place).alias("kept_in")
_needed = table_of(Course).alias("needed")
_COMPOSED = (
    "min_age", "max_age", "home_place_id", "priority_place_id", "priority_until",
    "needs_course_id", "once_a_year", "most_missed",
)  # fmt: skip
_KEPT = ("kept", "kept_from_age", "kept_place_id", "kept_until")


def get_rules(session: Session, run_id: int, now: datetime) -> dict[str, Any]:
    """The rules as they stand, the names in them, and whether sign-up `has_opened`."""
    row = read(session, run_id)
    hours = None
    if row.priority_until is not None and row.opens_at is not None:
        hours = round((row.priority_until - row.opens_at) / timedelta(hours=1))
    opened = row.published_at is not None and (row.opens_at is None or row.opens_at <= now)
    return (
        dict(row._mapping)
        | _kept_of(row)
        | {
            "priority_hours": hours,
            "missed_often": row.most_missed is not None,
            "has_opened": opened,
        }
    )


def _kept_of(row: AnyRow) -> dict[str, Any]:
    """The places that are kept, as they are asked for: nothing where there are none."""
    return {name: row._mapping[name] if row.kept else None for name in _KEPT}


def places_for(session: Session, run_id: int) -> list[tuple[int, str]]:
    """The places a rule may name, from the district down: those above and below the class's own
    community, the streets, the other communities of its street, and the places named now.
    """
    row = read(session, run_id)
    above = [int(part) for part in row.place_path.strip("/").split("/")]
    wanted: ColumnElement[bool] = or_(
        Place.id.in_(
            [*above, row.home_place_id or 0, row.priority_place_id or 0, row.kept_place_id or 0]
        ),
        Place.kind == PlaceKind.STREET,
        Place.parent_id.in_(above[1:]),
    )
    rows = session.execute(
        select(Place.id, Place.name)
        .where(wanted, Place.kind != PlaceKind.BUILDING)
        .order_by(Place.path)
    )
    return [(one.id, one.name) for one in rows]


def courses_for(session: Session, run_id: int) -> list[tuple[int, str]]:
    """The courses that another may build on: those on offer, and the one named now."""
    row = read(session, run_id)
    rows = session.execute(
        select(Course.id, Course.title)
        .where(
            Course.id != row.course_id,
            or_(Course.withdrawn_at.is_(None), Course.id == row.needs_course_id),
        )
        .order_by(Course.title, Course.id)
    )
    return [(one.id, one.title) for one in rows]


def proposed(
    session: Session, run_id: int, asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The rules as they would stand with what is `asked`, as `get_rules` gives them.

    Raises Invalid for what does not fit together.
    """
    row = read(session, run_id)
    rules = dict(row._mapping) | _composed(row, asked) | _kept(row, asked, now)
    places, courses = dict(places_for(session, run_id)), dict(courses_for(session, run_id))
    for field, named, names in (
        ("home_place_id", "kept_for", places),
        ("priority_place_id", "priority_for", places),
        ("kept_place_id", "kept_place", places),
        ("needs_course_id", "needs_course", courses),
    ):
        if rules[field] is not None and rules[field] not in names:
            raise Invalid({field: [_("请选择列出的一项。")]})
        rules[named] = names.get(rules[field])
    return rules


def set_rules(
    session: Session, me: SignedInStaff, run_id: int, asked: Mapping[str, Any], now: datetime
) -> bool:
    """Compose the rules anew; whether anything changed. Nobody who is in already is sent away.

    Once sign-up has opened, `anyway` has to say that the change is meant. Raises NotFound,
    Cancelled, Invalid.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if found.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能再改报名条件。"))
    before = get_rules(session, run_id, now)
    rules = proposed(session, run_id, asked, now)
    changed = [name for name in (*_COMPOSED, *_KEPT) if rules[name] != before[name]]
    if not changed:
        audit.unchanged(session)
        return False
    if before["has_opened"] and not asked.get("anyway"):
        raise Invalid({"anyway": [_("报名已经开始，确定要改请勾选这一项。")]})
    if of_run := {name: rules[name] for name in changed if name in _run.c}:
        session.execute(update(_run).where(_run.c.id == run_id).values(of_run))
    if any(name in _KEPT for name in changed):
        group = _group(session, run_id, rules, now)
        bookables.keep_places(session, run_id, rules["kept"] or 0, rules["kept_until"], group, now)
    audit.record(
        session, me.staff_id, "class.rules", "course_run", run_id, place_id=found.place_id,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(rules[name]) for name in changed}
        | {"after_opening": before["has_opened"]},
    )  # fmt: skip
    return True


def follow_opening(session: Session, run_id: int, opens_at: datetime) -> None:
    """Sign-up will open at another moment: whoever comes first does so for as long as before."""
    row = read(session, run_id)
    if row.priority_until is None or row.opens_at is None:
        return
    until = row.priority_until + (opens_at - row.opens_at)
    session.execute(update(_run).where(_run.c.id == run_id).values(priority_until=until))


def _composed(row: AnyRow, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that what is asked comes to."""
    low, high = asked.get("min_age"), asked.get("max_age")
    if low is not None and high is not None and high < low:
        raise Invalid({"max_age": [_("最大年龄不能小于最小年龄。")]})
    place_id, hours = asked.get("priority_place_id"), asked.get("priority_hours")
    if (place_id is None) != (hours is None):
        missing = "priority_place_id" if place_id is None else "priority_hours"
        raise Invalid({missing: [_("优先的居民和时长要一起填写。")]})
    return {
        "min_age": low,
        "max_age": high,
        "home_place_id": asked.get("home_place_id"),
        "priority_place_id": place_id,
        "priority_until": None if hours is None else _priority_until(row, hours),
        "needs_course_id": asked.get("needs_course_id"),
        "once_a_year": bool(asked.get("once_a_year")),
        "most_missed": _most_missed(asked),
    }


def _most_missed(asked: Mapping[str, Any]) -> int | None:
    """How much may have been missed of late: the district's own figure where none is given."""
    if not asked.get("missed_often"):
        return None
    return int(asked.get("most_missed") or config.current().standing_limit)


def _kept(row: AnyRow, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The places to keep, for whom and until when: all of it or nothing."""
    kept: dict[str, Any] = {name: asked.get(name) for name in _KEPT}
    if all(value is None for value in kept.values()):
        return kept
    if kept["kept_from_age"] is None and kept["kept_place_id"] is None:
        raise Invalid({"kept_from_age": [_("留名额要写明留给多大年龄，或者留给哪里的居民。")]})
    for name in ("kept", "kept_until"):
        if kept[name] is None:
            raise Invalid({name: [_("留名额要写明留几个、留到什么时候。")]})
    if row.mode == Mode.DRAW:
        raise Invalid({"kept": [_("抽签的班不能留名额。")]})
    if row.capacity is None or kept["kept"] > row.capacity:
        raise Invalid({"kept": [_("留的名额不能多于全部名额。")]})
    if kept["kept_until"] <= now or (row.opens_at and kept["kept_until"] <= row.opens_at):
        raise Invalid({"kept_until": [_("要晚于现在，也要晚于报名开始。")]})
    if row.closes_at and kept["kept_until"] >= row.closes_at:
        raise Invalid({"kept_until": [_("要早于报名截止，剩下的名额大家才来得及报。")]})
    return kept


def _group(session: Session, run_id: int, rules: Mapping[str, Any], now: datetime) -> set[int]:
    """The live bookings of people for whom places are kept."""
    if rules["kept"] is None:
        return set()
    least, place_id = rules["kept_from_age"], rules["kept_place_id"]
    day = max(clock.today(now), clock.today(rules["starts_at"]))
    people = (
        select(Booking.id, Person.birth_date)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(_home, _home.c.id == Person.home_place_id)
        .where(Booking.bookable_id == run_id)
    )
    if place_id is not None:
        people = people.where(_home.c.path.contains(f"/{place_id}/"))
    return {
        row.id
        for row in session.execute(people)
        if least is None or (row.birth_date is not None and age_on(row.birth_date, day) >= least)
    }


def _priority_until(row: AnyRow, hours: int) -> datetime:
    if row.opens_at is None:
        raise Invalid({"priority_hours": [_("这个班没有报名开始时间，不能设置优先。")]})
    until: datetime = row.opens_at + timedelta(hours=hours)
    if row.closes_at is not None and until >= row.closes_at:
        raise Invalid({"priority_hours": [_("优先的时间太长，到报名截止其他居民还不能报名。")]})
    return until


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def read(session: Session, run_id: int) -> AnyRow:
    """A class with its rules as they stand, and the names in them. Raises NotFound."""
    row = session.execute(
        select(
            bookable.c.id, bookable.c.title, bookable.c.opens_at, bookable.c.closes_at,
            bookable.c.published_at, bookable.c.starts_at, bookable.c.capacity, bookable.c.kept,
            bookable.c.kept_until, _run.c.kept_from_age, _run.c.kept_place_id,
            _kept_in.c.name.label("kept_place"), _run.c.mode, _run.c.audience,
            _run.c.course_id,
            Term.name.label("term_name"), Term.most_per_person,
            *(_run.c[name] for name in _COMPOSED),
            Place.path.label("place_path"), _home.c.name.label("kept_for"),
            _first.c.name.label("priority_for"), _needed.c.title.label("needs_course"),
        )
        .select_from(_run.join(bookable, bookable.c.id == _run.c.id))
        .join(Place, Place.id == bookable.c.place_id)
        .join(Term, Term.id == _run.c.term_id)
        .outerjoin(_home, _home.c.id == _run.c.home_place_id)
        .outerjoin(_first, _first.c.id == _run.c.priority_place_id)
        .outerjoin(_kept_in, _kept_in.c.id == _run.c.kept_place_id)
        .outerjoin(_needed, _needed.c.id == _run.c.needs_course_id)
        .where(bookable.c.id == run_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row
