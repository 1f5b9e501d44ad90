"""When two entries for one human become one, so do their applications."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from backend.night_school.draws.models import DrawApplication
from backend.night_school.draws.service import end_applications, lock
from backend.people.merging import Merge, follows


@follows
def applications_follow(session: Session, done: Merge) -> None:
    """One application per person and draw: where both applied, that of the one who stays counts.

    The other is taken back; on a list that is fixed or drawn it stays as a pseudonym.
    """
    ours, theirs = aliased(DrawApplication), aliased(DrawApplication)
    both = session.scalars(
        select(theirs.draw_id)
        .join(ours, ours.draw_id == theirs.draw_id)
        .where(theirs.person_id == done.from_id, ours.person_id == done.into_id)
        .order_by(theirs.draw_id)
    ).all()
    for draw_id in both:
        draw = lock(session, draw_id, shared=True)
        if draw.drawn_at is None:
            end_applications(session, draw, [done.from_id], done.now)
    session.execute(
        update(DrawApplication)
        .where(
            DrawApplication.person_id == done.from_id,
            ~exists(
                select(ours.id).where(
                    ours.draw_id == DrawApplication.draw_id, ours.person_id == done.into_id
                )
            ),
        )
        .values(person_id=done.into_id)
        .execution_options(synchronize_session=False)
    )
    if done.from_account_id is not None:
        session.execute(
            update(DrawApplication)
            .where(DrawApplication.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
        )
