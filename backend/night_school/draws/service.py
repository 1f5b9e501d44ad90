"""Residents' verbs: apply for a draw, replace the application, withdraw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import rules
from backend.booking.errors import Closed, NotYetOpen
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import Invalid, NotFound, Refusal
from backend.night_school import facts
from backend.night_school.draws.codes import new_code
from backend.night_school.draws.errors import AlreadyDrawn
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.models import CourseRun
from backend.people import queries as people
from backend.people.queries import Resident

_run = table_of(CourseRun)

OF_THE_WINDOW = (rules.is_first_come, rules.is_not_closed, rules.is_open, rules.is_their_turn)
"""The rules that speak of a run's own sign-up: in a draw the draw's window stands for them."""

APPLY_RULES = tuple(rule for rule in rules.RULES if rule not in OF_THE_WINDOW)
"""The rules of a run that an applicant has to meet, when applying and when the list is fixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Who applies for what: wishes best first, at most `most` places each; `together`: as one."""

    person_ids: Sequence[int]
    run_ids: Sequence[int]
    most: int = 1
    together: bool = False


def apply(session: Session, me: Resident, draw_id: int, asked: Application, now: datetime) -> None:
    """Apply for oneself or people of one's household; an earlier application is replaced.

    Raises NotFound for people the account may not act for, and what `apply_for` does.
    """
    for person_id in asked.person_ids:
        people.check_acts_for(session, me, person_id, clock.today(now))
    apply_for(session, me.account_id, draw_id, asked, now)


def apply_for(
    session: Session, account_id: int | None, draw_id: int, asked: Application, now: datetime
) -> None:
    """Write the application of these people, by an account if any.

    Whoever kept together with one of them before goes on without. Raises NotFound, NotYetOpen,
    Closed, Invalid, and the refusal of a run's rule with the `person_id` and `run_id` it concerns.
    """
    draw = lock(session, draw_id, shared=True)
    if draw.published_at is None:
        raise NotFound()
    if now < draw.opens_at:
        raise NotYetOpen(opens_at=draw.opens_at)
    if now >= draw.closes_at or draw.closed_at is not None:
        raise Closed(closes_at=draw.closes_at)
    _check_form(session, draw, asked)
    for person_id in asked.person_ids:
        _check_rules(session, person_id, asked.run_ids, now)
    try:
        _write(session, account_id, draw_id, asked, now)
    except IntegrityError as error:
        raise RunAgain() from error  # a double click: the next try replaces the other's row


def lock(session: Session, draw_id: int, *, shared: bool = False) -> AnyRow:
    """The draw's row; nobody closes or draws it meanwhile. Raises NotFound."""
    row = session.execute(
        select(
            Draw.id, Draw.term_id, Draw.place_id, Draw.title, Draw.number_name, Draw.number_at,
            Draw.opens_at, Draw.closes_at, Draw.most_wishes, Draw.most_places, Draw.home_weight,
            Draw.first_weight, Draw.commitment, Draw.published_at, Draw.closed_at, Draw.drawn_at,
            Draw.public_number,
        )
        .where(Draw.id == draw_id)
        .with_for_update(read=shared)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _check_form(session: Session, draw: AnyRow, asked: Application) -> None:
    runs = set(session.scalars(select(_run.c.id).where(_run.c.draw_id == draw.id)))
    if len(asked.run_ids) > draw.most_wishes:
        said = _("最多填 %(count)s 个志愿。", count=draw.most_wishes)
        raise Invalid({"run_ids": [said]}, said)
    if not runs.issuperset(asked.run_ids):
        said = _("志愿里有不在这次摇号范围内的班。")
        raise Invalid({"run_ids": [said]}, said)
    if asked.most > draw.most_places:
        said = _("每人最多录取 %(count)s 个班。", count=draw.most_places)
        raise Invalid({"most": [said]}, said)


def _check_rules(session: Session, person_id: int, run_ids: Sequence[int], now: datetime) -> None:
    sights = facts.for_many(session, run_ids, person_id, now)
    for run_id in run_ids:
        if run_id not in sights:
            raise NotFound()
        try:
            rules.check(sights[run_id].facts, rules=APPLY_RULES)
        except Refusal as refusal:
            title = sights[run_id].facts.title
            refusal.data |= {"person_id": person_id, "run_id": run_id, "title": title}
            raise


def _write(
    session: Session, account_id: int | None, draw_id: int, asked: Application, now: datetime
) -> None:
    """One application for each; who applied before keeps the code."""
    _leave_households(session, draw_id, asked.person_ids)
    together = new_code() if asked.together and len(asked.person_ids) > 1 else None
    before = dict(
        session.execute(
            select(DrawApplication.person_id, DrawApplication.id).where(
                DrawApplication.draw_id == draw_id,
                DrawApplication.person_id.in_(asked.person_ids),
            )
        ).all()
    )
    ids = []
    for person_id in asked.person_ids:
        values = {
            "account_id": account_id, "together": together, "most": asked.most,
            "applied_at": now,
        }  # fmt: skip
        if application_id := before.get(person_id):
            session.execute(
                update(DrawApplication).where(DrawApplication.id == application_id).values(values)
            )
        else:
            application_id = session.execute(
                insert(DrawApplication)
                .values(draw_id=draw_id, person_id=person_id, code=new_code(), **values)
                .returning(DrawApplication.id)
            ).scalar_one()
        ids.append(application_id)
    session.execute(delete(DrawWish).where(DrawWish.application_id.in_(ids)))
    session.execute(
        insert(DrawWish),
        [
            {"application_id": application_id, "rank": rank, "run_id": run_id}
            for application_id in ids
            for rank, run_id in enumerate(asked.run_ids, 1)
        ],
    )


def withdraw(session: Session, me: Resident, draw_id: int, person_id: int, now: datetime) -> None:
    """Take an application back. Raises NotFound for people the account may not act for, and what
    `withdraw_for` does.
    """
    people.check_acts_for(session, me, person_id, clock.today(now))
    withdraw_for(session, draw_id, person_id, now)


def withdraw_for(session: Session, draw_id: int, person_id: int, now: datetime) -> None:
    """Take an application back, until it is drawn. Withdrawing twice changes nothing.

    Once the list is fixed the pseudonym stays on it, and what it would win is passed on. Raises
    NotFound, AlreadyDrawn.
    """
    draw = lock(session, draw_id, shared=True)
    mine = (DrawApplication.draw_id == draw_id, DrawApplication.person_id == person_id)
    if draw.drawn_at is not None:
        if session.scalar(select(DrawApplication.id).where(*mine)) is None:
            raise NotFound()
        raise AlreadyDrawn()
    end_applications(session, draw, [person_id], now)


def end_applications(
    session: Session, draw: AnyRow, person_ids: Sequence[int], now: datetime
) -> None:
    """Take people off a draw that is not drawn yet."""
    theirs = (
        DrawApplication.draw_id == draw.id,
        DrawApplication.person_id.in_(person_ids),
    )
    if draw.closed_at is not None:
        session.execute(
            update(DrawApplication)
            .where(*theirs, DrawApplication.withdrawn_at.is_(None))
            .values(withdrawn_at=now)
        )
        return
    _leave_households(session, draw.id, person_ids)
    ids = session.scalars(select(DrawApplication.id).where(*theirs)).all()
    session.execute(delete(DrawWish).where(DrawWish.application_id.in_(ids)))
    session.execute(delete(DrawApplication).where(DrawApplication.id.in_(ids)))


def _leave_households(session: Session, draw_id: int, person_ids: Sequence[int]) -> None:
    """Who kept together with these people goes on without them; one alone is no household."""
    kept = session.scalars(
        select(DrawApplication.together)
        .where(
            DrawApplication.draw_id == draw_id,
            DrawApplication.person_id.in_(person_ids),
            DrawApplication.together.is_not(None),
        )
        .distinct()
    ).all()
    if not kept:
        return
    session.execute(
        update(DrawApplication)
        .where(DrawApplication.draw_id == draw_id, DrawApplication.person_id.in_(person_ids))
        .values(together=None)
    )
    single = (
        select(DrawApplication.together)
        .where(DrawApplication.together.in_(kept))
        .group_by(DrawApplication.together)
        .having(func.count() == 1)
    )
    session.execute(
        update(DrawApplication)
        .where(DrawApplication.together.in_(session.scalars(single).all()))
        .values(together=None)
    )
