"""When somebody's facts are deleted, what they eat goes, and what proved their circumstances."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.canteen.eaters.models import Diet, PersonCategory
from backend.people.deleting import Deletion, forgets


@forgets
def eater_goes(session: Session, done: Deletion) -> None:
    """That a subsidy had its reason stays, without the paper that proved it."""
    for forgotten in (
        delete(Diet).where(Diet.person_id.in_(done.person_ids)),
        update(PersonCategory)
        .where(PersonCategory.person_id.in_(done.person_ids))
        .values(proof=""),
    ):
        session.execute(forgotten.execution_options(synchronize_session=False))
