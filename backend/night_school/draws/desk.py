"""What staff do to a draw: set it up, commit to its secret, open it, fix the list, draw it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.night_school.draws import closing, publishing, rehearsal, seed
from backend.night_school.draws.errors import (
    AlreadyDrawn,
    NotClosedYet,
    NotCommitted,
    RulesFixed,
    RunNotDrawable,
)
from backend.night_school.draws.models import Draw, DrawApplication
from backend.night_school.draws.service import lock
from backend.night_school.models import CourseRun, Mode, Term
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

_run = table_of(CourseRun)

MANAGE = Permission.MANAGE_CLASSES

AT_ONCE = 2000
"""Applications that are drawn while staff wait: under a second. More are left to the scheduler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a draw is set up with; `number_name` says which public number is mixed in."""

    title: str
    number_name: str
    number_at: datetime
    opens_at: datetime
    closes_at: datetime
    most_wishes: int = 5
    most_places: int = 1
    home_weight: int = 1
    first_weight: int = 1


def new_draw(
    session: Session, me: SignedInStaff, term_id: int, place_id: int, asked: Rules, now: datetime
) -> int:
    """A draw without runs that nobody sees yet. Raises NotFound, Invalid."""
    path = session.scalar(select(Place.path).where(Place.id == place_id))
    term = session.scalar(select(Term.id).where(Term.id == term_id))
    if path is None or term is None or not me.may(MANAGE, path):
        raise NotFound()
    _check(asked, now)
    draw_id = session.execute(
        insert(Draw)
        .values(term_id=term_id, place_id=place_id, created_at=now, **asdict(asked))
        .returning(Draw.id)
    ).scalar_one()
    _note(session, me, "draw.create", draw_id, place_id, after=_plain(asked))
    return draw_id


def change_draw(
    session: Session, me: SignedInStaff, draw_id: int, asked: Rules, now: datetime
) -> None:
    """Other rules, while residents do not see the draw. Raises NotFound, Invalid, RulesFixed."""
    draw = access(session, me, draw_id, for_update=True)
    if draw.published_at is not None:
        raise RulesFixed()
    _check(asked, now)
    session.execute(update(Draw).where(Draw.id == draw_id).values(**asdict(asked)))
    session.execute(
        update(_run)
        .where(_run.c.draw_id == draw_id)
        .values(apply_from=asked.opens_at, apply_until=asked.closes_at)
    )
    before = {name: _said(getattr(draw, name)) for name in asdict(asked)}
    _note(session, me, "draw.change", draw_id, draw.place_id, before=before, after=_plain(asked))


def delete_draw(session: Session, me: SignedInStaff, draw_id: int) -> None:
    """Take a draw that residents have not seen away; its runs are first come again.

    Raises NotFound, RulesFixed.
    """
    draw = access(session, me, draw_id, for_update=True)
    if draw.published_at is not None:
        raise RulesFixed()
    session.execute(
        update(_run)
        .where(_run.c.draw_id == draw_id)
        .values(mode=Mode.FIRST_COME, draw_id=None, apply_from=None, apply_until=None)
    )
    session.execute(delete(Draw).where(Draw.id == draw_id))
    before = {"title": draw.title, "commitment": draw.commitment}
    _note(session, me, "draw.delete", draw_id, draw.place_id, before=before)


def set_runs(
    session: Session, me: SignedInStaff, draw_id: int, run_ids: Sequence[int], now: datetime
) -> None:
    """Exactly these runs of the term are drawn; those left out are first come again.

    Raises NotFound for runs out of reach, RunNotDrawable, RulesFixed.
    """
    draw = access(session, me, draw_id, for_update=True)
    if draw.published_at is not None:
        raise RulesFixed()
    before = set(session.scalars(select(_run.c.id).where(_run.c.draw_id == draw_id)))
    choosable = {run["id"] for run in drawable(session, me, draw, now)}
    for run_id in set(run_ids) - choosable:
        title = session.scalar(select(Bookable.title).where(Bookable.id == run_id))
        if title is None:
            raise NotFound()
        raise RunNotDrawable(title=title)
    session.execute(
        update(_run)
        .where(_run.c.id.in_(before - set(run_ids)))
        .values(mode=Mode.FIRST_COME, draw_id=None, apply_from=None, apply_until=None)
    )
    session.execute(
        update(_run)
        .where(_run.c.id.in_(run_ids))
        .values(
            mode=Mode.DRAW, draw_id=draw_id, apply_from=draw.opens_at, apply_until=draw.closes_at
        )
    )
    _note(
        session, me, "draw.runs", draw_id, draw.place_id,
        before={"runs": sorted(before)}, after={"runs": sorted(set(run_ids))},
    )  # fmt: skip


def drawable(
    session: Session, me: SignedInStaff, draw: AnyRow, now: datetime
) -> list[dict[str, Any]]:
    """The runs in reach that this draw has or could have.

    Of its term and below its place, not over or cancelled, sign-up not begun, nobody booked, no
    places kept for a group, in no other draw.
    """
    top = session.scalar(select(Place.path).where(Place.id == draw.place_id)) or ""
    booked = select(Booking.id).where(Booking.bookable_id == _run.c.id).exists()
    open_now = Bookable.published_at.is_not(None) & (
        func.coalesce(Bookable.opens_at, Bookable.published_at) <= now
    )
    rows = session.execute(
        select(
            Bookable.id, Bookable.title, Bookable.starts_at, Bookable.capacity, Place.name,
            _run.c.draw_id, _run.c.weekday, _run.c.from_minute,
        )
        .join_from(_run, Bookable, Bookable.id == _run.c.id)
        .join(Place, Place.id == Bookable.place_id)
        .where(
            _run.c.term_id == draw.term_id,
            Place.path.startswith(top, autoescape=True),
            me.covers(MANAGE, Place.path),
            Bookable.cancelled_at.is_(None),
            Bookable.starts_at > now,
            Bookable.kept == 0,
            (_run.c.draw_id == draw.id)
            | (_run.c.draw_id.is_(None) & ~open_now & ~booked),
        )
        .order_by(Place.path, Bookable.starts_at, Bookable.id)
    )  # fmt: skip
    return [
        {
            "id": row.id, "title": row.title, "place_name": row.name, "capacity": row.capacity,
            "starts_at": clock.rfc3339(row.starts_at), "weekday": row.weekday,
            "from_time": f"{row.from_minute // 60:02d}:{row.from_minute % 60:02d}",
            "chosen": row.draw_id is not None,
        }
        for row in rows
    ]  # fmt: skip


def publish(session: Session, me: SignedInStaff, draw_id: int, now: datetime) -> None:
    """Residents see the draw and its fingerprint, and apply from its opening on.

    Publishing twice changes nothing. Raises NotFound, NotCommitted, Invalid without runs or with
    runs residents do not see, and where the window has begun already.
    """
    draw = access(session, me, draw_id, for_update=True)
    if draw.published_at is not None:
        audit.unchanged(session)
        return
    if draw.commitment is None:
        raise NotCommitted()
    if now >= draw.opens_at:
        raise Invalid(sentence=_("登记开始的时间已经过了，请先改到以后再公布。"))
    hidden = session.scalars(
        select(Bookable.title)
        .join(_run, _run.c.id == Bookable.id)
        .where(
            _run.c.draw_id == draw_id,
            Bookable.published_at.is_(None) | (Bookable.published_at > draw.opens_at),
        )
    ).all()
    if hidden:
        raise Invalid(sentence=_("“%(title)s”还没有发布，请先发布班级。", title=hidden[0]))
    runs = session.scalar(select(func.count()).where(_run.c.draw_id == draw_id))
    if not runs:
        raise Invalid(sentence=_("还没有选班级，不能公布。"))
    session.execute(update(Draw).where(Draw.id == draw_id).values(published_at=now))
    _note(session, me, "draw.publish", draw_id, draw.place_id, after={"published": True})


def seal(session: Session, me: SignedInStaff, draw_id: int, now: datetime) -> None:
    """Make the secret by chance and keep it; its fingerprint shows. Once only.

    Sealing twice changes nothing: a secret that was seen is not exchanged. Raises NotFound.
    """
    draw = access(session, me, draw_id, for_update=True)
    if draw.commitment is not None:
        audit.unchanged(session)
        return
    secret = seed.new_secret()
    shown = seed.commitment(secret)
    session.execute(
        update(Draw)
        .where(Draw.id == draw_id)
        .values(secret=secret, commitment=shown, committed_at=now)
    )
    _note(session, me, "draw.commit", draw_id, draw.place_id, after={"commitment": shown})


def name_number(
    session: Session, me: SignedInStaff, draw_id: int, name: str, at: datetime, now: datetime
) -> None:
    """Another public number, only where the first was out before the list could be fixed.

    Otherwise whoever likes the second number better could choose. Raises NotFound, RulesFixed,
    Invalid.
    """
    draw = access(session, me, draw_id, for_update=True)
    if draw.closed_at is not None or now < draw.number_at:
        raise RulesFixed()
    if at <= now:
        raise Invalid({"number_at": [_("公开号码产生的时间要在现在之后。")]})
    session.execute(update(Draw).where(Draw.id == draw_id).values(number_name=name, number_at=at))
    _note(
        session, me, "draw.number", draw_id, draw.place_id,
        before={"number_name": draw.number_name, "number_at": _said(draw.number_at)},
        after={"number_name": name, "number_at": _said(at)},
    )  # fmt: skip


def close(session: Session, me: SignedInStaff, draw_id: int, now: datetime) -> None:
    """Fix the list by hand, should the scheduler not have done it. Raises as `closing.fix`."""
    draw = access(session, me, draw_id)
    if closing.fix(session, draw_id, now):
        _note(session, me, "draw.close", draw_id, draw.place_id, after={"closed": True})
    else:
        audit.unchanged(session)


def rehearse(session: Session, me: SignedInStaff, draw_id: int, now: datetime) -> dict[str, Any]:
    """A dry run with a seed made for it and thrown away: it foretells nothing about the draw.

    The tally per run; nothing is kept. Raises NotFound, NotClosedYet, AlreadyDrawn.
    """
    draw = access(session, me, draw_id)
    if draw.drawn_at is not None:
        raise AlreadyDrawn()
    if draw.closed_at is None:
        raise NotClosedYet()
    return rehearsal.tally(session, draw_id)


def conduct(
    session: Session, me: SignedInStaff, draw_id: int, public_number: str, now: datetime
) -> dict[str, Any] | None:
    """Draw with the public number that was named; digits only. The tally per run.

    None for a large draw: the number is taken, and the scheduler draws. Raises as
    `publishing.give_number` and `publishing.publish` do.
    """
    draw = access(session, me, draw_id)
    publishing.give_number(session, draw_id, public_number, now)
    applied = select(func.count()).where(DrawApplication.draw_id == draw_id)
    at_once = (session.scalar(applied) or 0) <= AT_ONCE
    tally = publishing.finish(session, draw_id, now) if at_once else None
    _note(
        session, me, "draw.conduct", draw_id, draw.place_id,
        after={"public_number": public_number} | _sums(tally),
    )  # fmt: skip
    return tally


def finish(
    session: Session, me: SignedInStaff, draw_id: int, now: datetime
) -> dict[str, Any] | None:
    """Draw what has its number here and now, should nothing do it in the background.

    None if it is drawn already. Raises NotFound, PlacesFewer.
    """
    draw = access(session, me, draw_id)
    tally = publishing.finish(session, draw_id, now)
    if tally is None:
        audit.unchanged(session)
    else:
        _note(session, me, "draw.finish", draw_id, draw.place_id, after=_sums(tally))
    return tally


def _sums(tally: dict[str, Any] | None) -> dict[str, Any]:
    return {} if tally is None else {"won": sum(run["won"] for run in tally.values())}


def access(
    session: Session, me: SignedInStaff, draw_id: int, *, for_update: bool = False
) -> AnyRow:
    """The draw, if it is in reach. Raises NotFound."""
    if for_update:
        lock(session, draw_id)
    row = session.execute(
        select(
            Draw.id, Draw.term_id, Draw.place_id, Draw.title, Draw.number_name, Draw.number_at,
            Draw.opens_at, Draw.closes_at, Draw.most_wishes, Draw.most_places, Draw.home_weight,
            Draw.first_weight, Draw.commitment, Draw.committed_at, Draw.published_at,
            Draw.closed_at, Draw.entries_sha256, Draw.public_number, Draw.drawn_at, Draw.tally,
            Place.path, Place.name.label("place_name"), Term.name.label("term_name"),
        )
        .join(Place, Place.id == Draw.place_id)
        .join(Term, Term.id == Draw.term_id)
        .where(Draw.id == draw_id, me.covers(MANAGE, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _check(asked: Rules, now: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if asked.opens_at <= now:
        wrong["opens_at"] = [_("登记开始要在现在之后。")]
    if asked.closes_at <= asked.opens_at:
        wrong["closes_at"] = [_("登记截止要晚于登记开始。")]
    if asked.number_at <= asked.closes_at:
        wrong["number_at"] = [_("公开号码要在登记截止之后产生。")]
    if wrong:
        raise Invalid(wrong)


def _said(value: Any) -> Any:
    return clock.rfc3339(value) if isinstance(value, datetime) else value


def _plain(asked: Rules) -> dict[str, Any]:
    return {name: _said(value) for name, value in asdict(asked).items()}


def _note(
    session: Session, me: SignedInStaff, action: str, draw_id: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(session, me.staff_id, action, "draw", draw_id, before, after, place_id=place_id)
