"""What the rules of enrolment look at, gathered in one read per question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, literal, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.booking.rules import Facts
from backend.booking.service import Replay
from backend.db import AnyRow, Prepared, table_of
from backend.errors import NotFound
from backend.night_school.models import CourseRun
from backend.people.models import Person
from backend.people.queries import may_act_for
from backend.places.models import Place

_run = table_of(CourseRun)
_bookable = table_of(Bookable)
_person = table_of(Person)
_home = table_of(Place).alias("home")
_limit = table_of(Place).alias("home_limit")
_earlier = table_of(Booking).alias("earlier")
_live = table_of(Booking).alias("live")

_RULED_BY = (
    _bookable.c.id, _bookable.c.title, _bookable.c.starts_at, _bookable.c.published_at,
    _bookable.c.cancelled_at, _bookable.c.opens_at, _bookable.c.closes_at, _run.c.min_age,
    _run.c.max_age, _limit.c.path.label("home_limit"), _person.c.birth_date,
    _home.c.path.label("home_path"), _live.c.id.label("live_booking_id"),
)  # fmt: skip


def once_key(run_id: int) -> str:
    """A person has one live enrolment per run."""
    return f"run:{run_id}"


_once = literal("run:", String).concat(cast(_run.c.id, String))


def _base(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Runs x one person: everything the rules ask, with the live booking if there is one."""
    live = and_(
        _live.c.person_id == _person.c.id,
        _live.c.once_key == _once,
        _live.c.state.in_([literal_column(f"'{state}'") for state in LIVE]),
    )
    return (
        select(*_RULED_BY, *columns)
        .select_from(
            _run.join(_bookable, _bookable.c.id == _run.c.id)
            .join(_person, _person.c.id == bindparam("person_id"))
            .outerjoin(_home, _home.c.id == _person.c.home_place_id)
            .outerjoin(_limit, _limit.c.id == _run.c.home_place_id)
            .outerjoin(_live, live)
        )
        .where(_person.c.merged_into_id.is_(None))
    )


# Built once, so that SQLAlchemy finds the compiled statement again.
_FOR_ACCOUNT = Prepared(
    _base(
        _earlier.c.id.label("earlier_id"), _earlier.c.state.label("earlier_state"),
        _earlier.c.queue_no.label("earlier_queue_no"),
        _earlier.c.idempotency_hash.label("earlier_hash"),
    )
    .outerjoin(
        _earlier,
        and_(
            _earlier.c.account_id == bindparam("account_id"),
            _earlier.c.idempotency_key == bindparam("idempotency_key", type_=String),
        ),
    )
    .where(
        _run.c.id == bindparam("run_id"),
        may_act_for(
            _person.c.id, bindparam("account_id"), bindparam("self_id"), bindparam("today")
        ),
    )
)  # fmt: skip
_FOR_STAFF = _base().where(_run.c.id == bindparam("run_id"))
_FOR_MANY = _base(
    _bookable.c.capacity, _bookable.c.overbooked, _bookable.c.taken, _bookable.c.waiting
).where(_run.c.id.in_(bindparam("run_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Question:
    """The facts of one run and person, and the earlier booking under the same key, if any."""

    facts: Facts
    replay: Replay | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """The facts of one run and person on a list, and whether there is a place."""

    facts: Facts
    has_place: bool


def _facts(row: AnyRow, now: datetime) -> Facts:
    return Facts(
        now=now, bookable_id=row.id, title=row.title, starts_at=row.starts_at,
        published_at=row.published_at, cancelled_at=row.cancelled_at, opens_at=row.opens_at,
        closes_at=row.closes_at, min_age=row.min_age, max_age=row.max_age,
        home_limit=row.home_limit, birth_date=row.birth_date, home_path=row.home_path,
        live_booking_id=row.live_booking_id,
    )  # fmt: skip


def for_account(
    session: Session,
    run_id: int,
    person_id: int,
    account_id: int,
    self_id: int,
    key: str | None,
    now: datetime,
) -> Question:
    """The facts for a sign-up by an account. Raises NotFound for people it may not act for."""
    row = _FOR_ACCOUNT.first(
        session,
        {
            "run_id": run_id, "person_id": person_id, "account_id": account_id,
            "self_id": self_id, "idempotency_key": key, "today": clock.today(now),
        },
    )  # fmt: skip
    if row is None:
        raise NotFound()
    replay = None
    if row.earlier_id is not None:
        replay = Replay(row.earlier_id, row.earlier_state, row.earlier_queue_no, row.earlier_hash)
    return Question(_facts(row, now), replay)


def for_staff(session: Session, run_id: int, person_id: int, now: datetime) -> Question:
    """The facts for a sign-up at the desk; staff act for anyone in their place. Raises NotFound."""
    row = session.execute(_FOR_STAFF, {"run_id": run_id, "person_id": person_id}).first()
    if row is None:
        raise NotFound()
    return Question(_facts(row, now))


def for_many(
    session: Session, run_ids: Sequence[int], person_id: int, now: datetime
) -> dict[int, Sight]:
    """The facts of the runs on a list for one person, in one read."""
    rows = session.execute(_FOR_MANY, {"run_ids": list(run_ids), "person_id": person_id})
    return {row.id: Sight(_facts(row, now), _has_place(row)) for row in rows}


def _has_place(row: AnyRow) -> bool:
    """Whether somebody who comes now finds a place: none while others wait."""
    if row.capacity is None:
        return True
    return bool(row.waiting == 0 and row.taken < row.capacity + row.overbooked)
