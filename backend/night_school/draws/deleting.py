"""When an account is deleted, its owner's applications end; pseudonyms on a fixed list stay."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.night_school.draws.models import Draw, DrawApplication
from backend.night_school.draws.service import end_applications, lock
from backend.people.deleting import Deletion, forgets


@forgets
def applications_end(session: Session, done: Deletion) -> None:
    """Take them off draws that are not drawn yet; of the others no account is known any more."""
    draws = session.scalars(
        select(Draw.id)
        .join(DrawApplication, DrawApplication.draw_id == Draw.id)
        .where(DrawApplication.person_id.in_(done.person_ids), Draw.drawn_at.is_(None))
        .distinct()
        .order_by(Draw.id)
    ).all()
    for draw_id in draws:
        draw = lock(session, draw_id, shared=True)
        if draw.drawn_at is None:
            end_applications(session, draw, done.person_ids, done.now)
    session.execute(
        update(DrawApplication)
        .where(DrawApplication.account_id == done.account_id)
        .values(account_id=None)
    )
