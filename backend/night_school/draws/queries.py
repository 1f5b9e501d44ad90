"""What residents and staff read about draws: the page of one, one's own applications, and why."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.draws.engine import Outcome
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish, DrawWork
from backend.night_school.models import CourseRun, Term
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

_run = table_of(CourseRun)

STATES = ("draft", "announced", "open", "closing", "closed", "drawing", "drawn")
"""Not shown yet; shown; takes applications; list to be fixed; fixed; has its number; drawn."""

_APPLIED = select(func.count()).where(DrawApplication.draw_id == Draw.id).scalar_subquery()


def _listed() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Draw.id, Draw.title, Draw.number_name, Draw.number_at, Draw.opens_at, Draw.closes_at,
            Draw.most_wishes, Draw.most_places, Draw.home_weight, Draw.first_weight,
            Draw.commitment, Draw.committed_at, Draw.published_at, Draw.closed_at,
            Draw.entries_sha256, Draw.public_number, Draw.drawn_at, Draw.tally, Draw.place_id,
            Draw.term_id, Term.name.label("term_name"), Place.name.label("place_name"),
            Place.path, _APPLIED.label("applied"),
        )
        .join(Term, Term.id == Draw.term_id)
        .join(Place, Place.id == Draw.place_id)
    )  # fmt: skip


def state_of(row: AnyRow, now: datetime) -> str:
    """One of STATES."""
    if row.drawn_at is not None:
        return "drawn"
    if row.public_number is not None:
        return "drawing"
    if row.closed_at is not None:
        return "closed"
    if row.published_at is None:
        return "draft"
    if now < row.opens_at:
        return "announced"
    return "open" if now < row.closes_at else "closing"


def _told(row: AnyRow, now: datetime) -> dict[str, Any]:
    moments = ("number_at", "opens_at", "closes_at", "committed_at", "closed_at", "drawn_at")
    plain = (
        "id", "title", "number_name", "most_wishes", "most_places", "home_weight", "first_weight",
        "commitment", "entries_sha256", "public_number", "term_name", "place_name", "applied",
    )  # fmt: skip
    return (
        {name: row._mapping[name] for name in plain}
        | {name: clock.rfc3339(row._mapping[name]) for name in moments}
        | {"state": state_of(row, now)}
    )


def list_draws(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The draws residents see, of terms that are not over, by their closing."""
    rows = session.execute(
        _listed()
        .where(Draw.published_at.is_not(None), Term.ends_on >= clock.today(now))
        .order_by(Draw.closes_at.desc(), Draw.id)
    )
    return [_told(row, now) for row in rows]


def get_draw(session: Session, draw_id: int, now: datetime) -> dict[str, Any]:
    """The public page: rules, fingerprints, runs and, once drawn, what became of each.

    Raises NotFound for a draw residents do not see.
    """
    row = session.execute(
        _listed().where(Draw.id == draw_id, Draw.published_at.is_not(None))
    ).first()
    if row is None:
        raise NotFound()
    return _told(row, now) | {"runs": runs_of(session, row)}


def runs_of(session: Session, draw: AnyRow) -> list[dict[str, Any]]:
    """The runs of a draw, with how many wish for each first or at all, and the tally."""
    tally = draw.tally or {}
    wished = (
        select(
            DrawWish.run_id, func.count().label("wished"),
            func.count().filter(DrawWish.rank == 1).label("first"),
        )
        .join(DrawApplication, DrawApplication.id == DrawWish.application_id)
        .where(DrawApplication.draw_id == draw.id)
        .group_by(DrawWish.run_id)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            Bookable.id, Bookable.title, Bookable.starts_at, Bookable.capacity,
            Bookable.overbooked, Bookable.cancelled_at, _run.c.weekday, _run.c.from_minute,
            _run.c.min_age, _run.c.max_age, Place.id.label("place_id"),
            Place.name.label("place_name"), wished.c.wished, wished.c.first,
        )
        .join_from(_run, Bookable, Bookable.id == _run.c.id)
        .join(Place, Place.id == Bookable.place_id)
        .outerjoin(wished, wished.c.run_id == _run.c.id)
        .where(_run.c.draw_id == draw.id)
        .order_by(Place.path, Bookable.starts_at, Bookable.id)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "title": row.title,
            "place_id": row.place_id,
            "place_name": row.place_name,
            "starts_at": clock.rfc3339(row.starts_at),
            "weekday": row.weekday,
            "from_time": f"{row.from_minute // 60:02d}:{row.from_minute % 60:02d}",
            "places": None if row.capacity is None else row.capacity + row.overbooked,
            "min_age": row.min_age,
            "max_age": row.max_age,
            "cancelled": row.cancelled_at is not None,
            "wished": row.wished or 0,
            "first": row.first or 0,
            "result": tally.get(str(row.id)),
        }
        for row in rows
    ]


def file_of(session: Session, draw_id: int) -> str:
    """The file anybody checks a drawn draw by. Raises NotFound before there is one."""
    found = session.scalar(select(Draw.file).where(Draw.id == draw_id))
    if found is None:
        raise NotFound()
    return found


def list_mine(
    session: Session, me: Resident, now: datetime, draw_id: int | None = None
) -> list[dict[str, Any]]:
    """The applications of oneself and those one may act for, newest draw first, with each wish."""
    return _applications(
        session,
        now,
        acts_for(me, DrawApplication.person_id, clock.today(now)),
        *(() if draw_id is None else (Draw.id == draw_id,)),
    )


def list_of(
    session: Session, person_id: int, now: datetime, draw_id: int | None = None
) -> list[dict[str, Any]]:
    """One person's applications, newest draw first, with each wish."""
    asked = () if draw_id is None else (Draw.id == draw_id,)
    return _applications(session, now, DrawApplication.person_id == person_id, *asked)


def list_all(session: Session, draw_id: int, now: datetime, text: str) -> list[dict[str, Any]]:
    """The applications of a draw whose name or code holds `text`: what staff look up reasons in."""
    holds = Person.name.icontains(text, autoescape=True) | DrawApplication.code.istartswith(
        text.replace(" ", ""), autoescape=True
    )
    return _applications(session, now, Draw.id == draw_id, holds)[:SHOWN]


SHOWN = 20

PATIENCE = timedelta(seconds=20)
"""How long the scheduler has to take a draw in hand before staff are offered to draw it."""


def _applications(
    session: Session, now: datetime, *where: ColumnElement[bool]
) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            DrawApplication.id, DrawApplication.code, DrawApplication.together,
            DrawApplication.most, DrawApplication.applied_at, DrawApplication.withdrawn_at,
            DrawApplication.person_id, Person.name, Draw.id.label("draw_id"), Draw.title,
            Draw.opens_at, Draw.closes_at, Draw.closed_at, Draw.drawn_at, Draw.published_at,
            Draw.tally, Draw.number_at, Draw.public_number,
        )
        .join(Draw, Draw.id == DrawApplication.draw_id)
        .join(Person, Person.id == DrawApplication.person_id)
        .where(*where)
        .order_by(Draw.closes_at.desc(), Draw.id, DrawApplication.id)
    ).all()  # fmt: skip
    wishes = _wishes(session, [row.id for row in rows])
    return [
        {
            "draw_id": row.draw_id,
            "draw_title": row.title,
            "state": state_of(row, now),
            "opens_at": clock.rfc3339(row.opens_at),
            "closes_at": clock.rfc3339(row.closes_at),
            "number_at": clock.rfc3339(row.number_at),
            "person_id": row.person_id,
            "person_name": row.name,
            "code": row.code,
            "together": row.together,
            "most": row.most,
            "applied_at": clock.rfc3339(row.applied_at),
            "withdrawn": row.withdrawn_at is not None,
            "wishes": _with_reasons(wishes.get(row.id, []), row),
        }
        for row in rows
    ]


def _wishes(session: Session, application_ids: list[int]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in session.execute(
        select(
            DrawWish.application_id, DrawWish.rank, DrawWish.run_id, DrawWish.tickets,
            DrawWish.position, DrawWish.got, DrawWish.booking_id, Bookable.title,
            Bookable.starts_at, Place.name.label("place_name"), _run.c.weekday,
            _run.c.from_minute,
        )
        .join(Bookable, Bookable.id == DrawWish.run_id)
        .join(_run, _run.c.id == DrawWish.run_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(DrawWish.application_id.in_(application_ids))
        .order_by(DrawWish.application_id, DrawWish.rank)
    ):  # fmt: skip
        found.setdefault(row.application_id, []).append(row)
    return found


def _with_reasons(wishes: list[AnyRow], application: AnyRow) -> list[dict[str, Any]]:
    drawn = application.drawn_at is not None
    return [_wish(row, application.tally or {}, drawn, wishes) for row in wishes]


def _wish(row: AnyRow, tally: dict[str, Any], drawn: bool, wishes: list[AnyRow]) -> dict[str, Any]:
    """A wish with the facts of its reason: where the lot stood, how many there were for what.

    `second`: the place went to somebody's first place, dealt before anybody's second.
    """
    sums = tally.get(str(row.run_id), {})
    won_any = any(one.got == Outcome.WON for one in wishes)
    full = drawn and row.got == Outcome.FULL
    return {
        "rank": row.rank,
        "run_id": row.run_id,
        "title": row.title,
        "place_name": row.place_name,
        "weekday": row.weekday,
        "from_time": f"{row.from_minute // 60:02d}:{row.from_minute % 60:02d}",
        "got": row.got if drawn or row.got is not None else None,
        "tickets": row.tickets,
        "position": row.position,
        "lots": sums.get("lots") if drawn else None,
        "places": sums.get("places") if drawn else None,
        "last": sums.get("last") if drawn else None,
        "second": bool(full and won_any and (row.position or 0) < sums.get("last", 0)),
        "booking_id": row.booking_id,
    }


def list_for_staff(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """The draws in reach, newest first."""
    rows = session.execute(
        _listed()
        .where(me.covers(Permission.MANAGE_CLASSES, Place.path))
        .order_by(Draw.closes_at.desc(), Draw.id)
    )
    return [_told(row, now) for row in rows]


def get_for_staff(
    session: Session, me: SignedInStaff, draw_id: int, now: datetime
) -> dict[str, Any]:
    """One draw in reach with its runs. Raises NotFound."""
    row = session.execute(
        _listed().where(Draw.id == draw_id, me.covers(Permission.MANAGE_CLASSES, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    late = row.published_at is not None and row.closed_at is None and now >= row.number_at
    return _told(row, now) | {
        "runs": runs_of(session, row),
        "late": late,
        "number_out": now >= row.number_at,
    }


def work_of(session: Session, draw_id: int, now: datetime) -> dict[str, Any] | None:
    """How far drawing in the background is; None where nothing is left to draw.

    `stalled`: nobody has had it in hand for a while, so somebody may do it from here.
    """
    row = session.execute(
        select(
            DrawWork.asked_at, DrawWork.claimed_until, DrawWork.step, DrawWork.done, DrawWork.of,
            DrawWork.blocked_by,
        ).where(DrawWork.draw_id == draw_id)
    ).first()  # fmt: skip
    if row is None:
        return None
    in_hand = row.claimed_until is not None and row.claimed_until > now
    return {
        "step": row.step if in_hand else None,
        "done": row.done,
        "of": row.of,
        "blocked_by": row.blocked_by,
        "stalled": not in_hand and row.asked_at + PATIENCE <= now,
    }
