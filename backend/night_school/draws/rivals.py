"""After a draw its limits still hold: as many places as applied for, and never two at once.

Whoever waits in several lines of a draw and takes a place leaves those that it rules out, just as
whoever wins by the draw waits in none of them.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from backend.booking import rivals
from backend.booking.errors import BookingRefused, EnoughThisTerm
from backend.booking.models import Bookable, Booking, State
from backend.booking.rivals import RuledOut
from backend.db import AnyRow, table_of
from backend.night_school import past
from backend.night_school.draws.errors import EnoughDrawn, OverlapsDrawn
from backend.night_school.draws.models import DrawApplication
from backend.night_school.models import CourseRun, Lesson, Term

_run = table_of(CourseRun)

_IN_LINE = (State.WAITING, State.OFFERED)
_HAS = (State.CONFIRMED, State.ATTENDED)


class Drawn:
    """The runs of one draw, to somebody who applied for it."""

    def lines(self, session: Session, booking_id: int) -> Collection[int]:
        """The runs of the booking's draw; its people are locked. None if it is of no draw."""
        found = session.execute(
            select(Booking.person_id, Booking.party_id, _run.c.draw_id)
            .join(_run, _run.c.id == Booking.bookable_id)
            .where(Booking.id == booking_id, _run.c.draw_id.is_not(None))
        ).first()
        if found is None:
            return ()
        people = {found.person_id}
        if found.party_id is not None:
            party = select(Booking.person_id).where(Booking.party_id == found.party_id)
            people.update(session.scalars(party))
        for person_id in sorted(people):
            past.lock(session, person_id)
        return session.scalars(
            select(Booking.bookable_id)
            .join(_run, _run.c.id == Booking.bookable_id)
            .where(
                _run.c.draw_id == found.draw_id,
                Booking.person_id.in_(people),
                Booking.state.in_(_IN_LINE),
            )
        ).all()

    def ruled_out(self, session: Session, *where: ColumnElement[bool]) -> Sequence[RuledOut]:
        """Waiting for, or offered, more than one applied for, or what overlaps a place one has."""
        waits = _in_line(session, *where)
        if not waits:
            return ()
        held = _held(session, {one.person_id for one in waits})
        judged = ((one, _against(session, one, held[one.person_id])) for one in waits)
        return [RuledOut(one, *found) for one, found in judged if found is not None]


rivals.register(Drawn())


def _in_line(session: Session, *where: ColumnElement[bool]) -> Sequence[AnyRow]:
    applied = and_(
        DrawApplication.draw_id == _run.c.draw_id, DrawApplication.person_id == Booking.person_id
    )
    return session.execute(
        select(
            Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id, Booking.state,
            Booking.quantity, Booking.on_kept, Booking.transfer_from_id, _run.c.draw_id,
            _run.c.term_id, DrawApplication.most, Term.most_per_person,
        )
        .join(_run, _run.c.id == Booking.bookable_id)
        .join(DrawApplication, applied)
        .join(Term, Term.id == _run.c.term_id)
        .where(Booking.state.in_(_IN_LINE), *where)
        .order_by(Booking.bookable_id, Booking.id)
    ).all()  # fmt: skip


def _held(session: Session, people: Collection[int]) -> dict[int, list[AnyRow]]:
    """The places these people have in classes, by person."""
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for row in session.execute(
        select(
            Booking.id, Booking.person_id, Booking.bookable_id, Bookable.title, _run.c.draw_id,
            _run.c.term_id,
        )
        .join(_run, _run.c.id == Booking.bookable_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id.in_(people), Booking.state.in_(_HAS))
        .order_by(Booking.id)
    ):  # fmt: skip
        found[row.person_id].append(row)
    return found


def _against(
    session: Session, one: AnyRow, held: Sequence[AnyRow]
) -> tuple[str, BookingRefused] | None:
    """Which place stands against a booking in a line, and what accepting it would say."""
    stays = [place for place in held if place.id not in (one.id, one.transfer_from_id)]
    drawn = [place for place in stays if place.draw_id == one.draw_id]
    for place in drawn:
        if _meet(session, place.bookable_id, one.bookable_id):
            return place.title, OverlapsDrawn(title=place.title)
    if len(drawn) >= one.most:
        return drawn[0].title, EnoughDrawn(title=drawn[0].title, most=one.most)
    term = [place for place in stays if place.term_id == one.term_id]
    if one.most_per_person is not None and len(term) >= one.most_per_person:
        return term[0].title, EnoughThisTerm(most=one.most_per_person)
    return None


def _meet(session: Session, one: int, other: int) -> bool:
    """Whether two runs have lessons at the same time; those that touch do not meet."""
    ours, theirs = aliased(Lesson), aliased(Lesson)
    both = and_(
        ours.run_id == one, theirs.run_id == other,
        ours.cancelled_at.is_(None), theirs.cancelled_at.is_(None),
        ours.starts_at < theirs.ends_at, theirs.starts_at < ours.ends_at,
    )  # fmt: skip
    return bool(session.scalar(select(func.count()).where(exists().where(both))))
