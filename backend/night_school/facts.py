"""What the rules of enrolment look at, gathered in one read per question.

Only runs with rules that look back (a course needed first, once a year, so many a term, who stays
away often) cost further ones, for what the person has had before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Date,
    FromClause,
    String,
    and_,
    bindparam,
    cast,
    literal,
    literal_column,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from backend import clock
from backend.arrays import Rows
from backend.booking import kept, rules
from backend.booking.kept import Seats
from backend.booking.models import LIVE, Bookable, Booking
from backend.booking.rules import Facts
from backend.booking.service import Replay
from backend.db import AnyRow, BigInt, Prepared, UtcDateTime, table_of
from backend.errors import NotFound
from backend.night_school import past
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.models import CourseRun, Mode, Term
from backend.people.models import AccessToken, Account, Person
from backend.people.queries import Resident, is_signed_in, may_act_for
from backend.places.models import Place

_run = table_of(CourseRun)
_bookable = table_of(Bookable)
_person = table_of(Person)
_token = table_of(AccessToken)
_account = table_of(Account)
_term = table_of(Term)
_home = table_of(Place).alias("home")
_run_place = table_of(Place).alias("run_place")
_wish = table_of(DrawWish)
_application = table_of(DrawApplication)
_earlier = table_of(Booking).alias("earlier")
_live = table_of(Booking).alias("live")

_RULED_BY = (
    _bookable.c.id, _bookable.c.title, _bookable.c.starts_at, _bookable.c.published_at,
    _bookable.c.cancelled_at, _bookable.c.opens_at, _bookable.c.closes_at, _run.c.min_age,
    _run.c.max_age, _run.c.home_place_id, _run.c.priority_place_id, _run.c.priority_until,
    _run.c.needs_course_id, _run.c.once_a_year, _run.c.most_missed, _run.c.course_id,
    _run.c.term_id, _term.c.most_per_person, _run.c.kept_from_age, _run.c.kept_place_id,
    _bookable.c.kept,
    _run.c.mode, _run.c.draw_id, _run.c.apply_from, _run.c.apply_until, _person.c.birth_date,
    _home.c.path.label("home_path"), _live.c.id.label("live_booking_id"),
)  # fmt: skip

_COUNTERS = (
    _bookable.c.capacity, _bookable.c.overbooked, _bookable.c.taken, _bookable.c.kept_taken,
    _bookable.c.waiting,
)  # fmt: skip


def once_key(run_id: int) -> str:
    """A person has one live enrolment per run."""
    return f"run:{run_id}"


_once = literal("run:", String).concat(cast(_run.c.id, String))
_runs_of_one = _run.join(_bookable, _bookable.c.id == _run.c.id).join(
    _person, _person.c.id == bindparam("person_id")
)


def _base(joined: FromClause, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Everything the rules ask of `joined` runs and persons, with the live booking if any."""
    live = and_(
        _live.c.person_id == _person.c.id,
        _live.c.once_key == _once,
        _live.c.state.in_([literal_column(f"'{state}'") for state in LIVE]),
    )
    return (
        select(*_RULED_BY, *columns)
        .select_from(
            joined.join(_term, _term.c.id == _run.c.term_id)
            .outerjoin(_home, _home.c.id == _person.c.home_place_id)
            .outerjoin(_live, live)
        )
        .where(_person.c.merged_into_id.is_(None))
    )


def _for_account(
    joined: FromClause, account_id: Any, self_id: Any, key: Any, *columns: Any
) -> Select[*tuple[Any, ...]]:
    """`_base` with the earlier booking under the same key, for those the account may act for."""
    earlier = and_(_earlier.c.account_id == account_id, _earlier.c.idempotency_key == key)
    return (
        _base(
            joined,
            _earlier.c.id.label("earlier_id"), _earlier.c.state.label("earlier_state"),
            _earlier.c.queue_no.label("earlier_queue_no"),
            _earlier.c.idempotency_hash.label("earlier_hash"), *columns,
        )
        .outerjoin(_earlier, earlier)
        .where(may_act_for(_person.c.id, account_id, self_id, bindparam("today", type_=Date)))
    )  # fmt: skip


_callers = Rows(
    "caller",
    {"token_hash": String(), "run_id": BigInt, "person_id": BigInt, "key": String()},
)
_caller = _callers.table

# Built once, so that SQLAlchemy finds the compiled statement again.
_FOR_ACCOUNT = Prepared(
    _for_account(
        _runs_of_one, bindparam("account_id"), bindparam("self_id"),
        bindparam("idempotency_key", type_=String),
    ).where(_run.c.id == bindparam("run_id"))
)  # fmt: skip
_FOR_EACH = Prepared(
    _for_account(
        _caller.join(_token, _token.c.token_hash == _caller.c.token_hash)
        .join(_account, _account.c.id == _token.c.account_id)
        .join(_run, _run.c.id == _caller.c.run_id)
        .join(_bookable, _bookable.c.id == _run.c.id)
        .join(_person, _person.c.id == _caller.c.person_id),
        _account.c.id, _account.c.person_id, _caller.c.key,
        _caller.c.no, _account.c.id.label("account_id"), _account.c.person_id.label("self_id"),
        *_COUNTERS, _bookable.c.next_expiry_at,
    ).where(is_signed_in(_token, _account, bindparam("now", type_=UtcDateTime)))
)  # fmt: skip
_FOR_STAFF = _base(_runs_of_one).where(_run.c.id == bindparam("run_id"))
_FOR_MANY = _base(_runs_of_one, *_COUNTERS).where(
    _run.c.id.in_(bindparam("run_ids", expanding=True))
)

_FOR_DRAW = _base(
    _wish.join(_application, _application.c.id == _wish.c.application_id)
    .join(_run, _run.c.id == _wish.c.run_id)
    .join(_bookable, _bookable.c.id == _run.c.id)
    .join(_run_place, _run_place.c.id == _bookable.c.place_id)
    .join(_person, _person.c.id == _application.c.person_id),
    _application.c.id.label("application_id"), _person.c.id.label("applicant_id"), _wish.c.rank,
    _run_place.c.path.label("run_path"),
).where(_application.c.draw_id == bindparam("draw_id"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """The facts of one run and person, and the earlier booking under the same key, if any.

    `in_group`: places are kept for people like this one. `is_full` is looked at for a batch only:
    no place, nor an offer run out that would free one.
    """

    facts: Facts
    in_group: bool = False
    replay: Replay | None = None
    is_full: bool = False


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
        home_place_id=row.home_place_id, priority_place_id=row.priority_place_id,
        priority_until=row.priority_until, birth_date=row.birth_date, home_path=row.home_path,
        live_booking_id=row.live_booking_id,
        draw_id=row.draw_id if row.mode == Mode.DRAW else None,
        apply_from=row.apply_from, apply_until=row.apply_until,
    )  # fmt: skip


def for_account(
    session: Session,
    run_id: int,
    person_id: int,
    account_id: int,
    self_id: int,
    key: str | None,
    now: datetime,
    *,
    leaving: int | None = None,
) -> Question:
    """The facts for a sign-up by an account. Raises NotFound for people it may not act for.

    `leaving`: the booking that is given back for this one and does not count.
    """
    row = _FOR_ACCOUNT.first(
        session,
        {
            "run_id": run_id, "person_id": person_id, "account_id": account_id,
            "self_id": self_id, "idempotency_key": key, "today": clock.today(now),
        },
    )  # fmt: skip
    if row is None:
        raise NotFound()
    question = _question(row, now)
    if question.replay is None:
        question = replace(
            question, facts=_looking_back(session, row, person_id, question.facts, leaving)
        )
    return question


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks to enrol a person in a run: the token's hash says who, `key` repeats."""

    token_hash: str
    run_id: int
    person_id: int
    key: str | None


def for_each(
    session: Session, callers: Sequence[Caller], now: datetime
) -> list[tuple[Resident, Question] | None]:
    """Who each caller is and the facts for their sign-up, in one read (PostgreSQL).

    None for those who are not signed in, where `for_account` would find nothing or would have to
    look back, and for people for whom places are kept.
    """
    rows = [(one.token_hash, one.run_id, one.person_id, one.key) for one in callers]
    found: list[tuple[Resident, Question] | None] = [None] * len(callers)
    asked = _callers.values(rows) | {"now": now, "today": clock.today(now)}
    for row in _FOR_EACH.all(session, asked):
        question = _question(row, now)
        if past.is_asked(row) or question.in_group:
            continue
        expired = row.next_expiry_at is not None and row.next_expiry_at <= now
        is_full = not expired and not _has_place(row)
        me = Resident(row.account_id, row.self_id)
        found[row.no - 1] = me, replace(question, is_full=is_full)
    return found


def _question(row: Any, now: datetime) -> Question:
    replay = None
    if row.earlier_id is not None:
        replay = Replay(row.earlier_id, row.earlier_state, row.earlier_queue_no, row.earlier_hash)
    known = _facts(row, now)
    return Question(known, _in_group(row, known), replay)


def _in_group(row: Any, known: Facts) -> bool:
    return bool(row.kept and rules.is_of_group(known, row.kept_from_age, row.kept_place_id))


def for_staff(
    session: Session, run_id: int, person_id: int, now: datetime, *, leaving: int | None = None
) -> Question:
    """The facts for a sign-up at the desk; staff act for anyone in their place. Raises NotFound."""
    row = session.execute(_FOR_STAFF, {"run_id": run_id, "person_id": person_id}).first()
    if row is None:
        raise NotFound()
    known = _facts(row, now)
    judged = _looking_back(session, row, person_id, known, leaving)
    return Question(judged, _in_group(row, known))


def _looking_back(
    session: Session, row: AnyRow, person_id: int, facts: Facts, leaving: int | None
) -> Facts:
    """`facts` with what the person has had before, where the run's rules ask for it.

    The person's row stays locked, so that nobody signs them up for two things at once that they
    may not both have; it is locked before any bookable, and before what is counted is read.
    """
    if not past.is_asked(row):
        return facts
    past.lock(session, person_id)
    return past.judge(session, [row], person_id, {row.id: facts}, leaving)[row.id]


def for_many(
    session: Session, run_ids: Sequence[int], person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> dict[int, Sight]:  # fmt: skip
    """The facts of the runs on a list for one person, in one read; two where rules look back."""
    asked = {"run_ids": list(run_ids), "person_id": person_id}
    rows = session.execute(_FOR_MANY, asked).all()
    known = {row.id: _facts(row, now) for row in rows}
    if looking_back := [row for row in rows if past.is_asked(row)]:
        known |= past.judge(session, looking_back, person_id, known, leaving)
    ours = [row for row in rows if _in_group(row, known[row.id]) and Seats.of(row).kept]
    awaited = kept.awaited(session, [row.id for row in ours if row.waiting])
    served = {row.id for row in ours} - awaited
    return {row.id: Sight(known[row.id], _has_place(row) or row.id in served) for row in rows}


@dataclass(frozen=True, slots=True)
class WishSight:
    """The facts of one wish in a draw; `at_home`: the run is in the person's own community."""

    facts: Facts
    application_id: int
    rank: int
    at_home: bool


def for_draw(session: Session, draw_id: int, now: datetime) -> Iterator[WishSight]:
    """The facts of every wish in a draw: in one read, and two more where rules look back."""
    rows = session.execute(_FOR_DRAW, {"draw_id": draw_id}).all()
    looking_back: dict[int, list[AnyRow]] = {}
    for row in rows:
        if past.is_asked(row):
            looking_back.setdefault(row.applicant_id, []).append(row)
    known = {
        who: {row.id: _facts(row, now) for row in theirs} for who, theirs in looking_back.items()
    }
    people = select(_application.c.person_id).where(_application.c.draw_id == draw_id)
    judged = past.judge_each(session, looking_back, people, known) if looking_back else {}
    for row in rows:
        at_home = (row.home_path or "").startswith(row.run_path)
        found = judged.get(row.applicant_id, {}).get(row.id) or _facts(row, now)
        yield WishSight(found, row.application_id, row.rank, at_home)


def _has_place(row: AnyRow) -> bool:
    """Whether somebody who comes now finds a place: none while others wait."""
    return row.waiting == 0 and Seats.of(row).general > 0
