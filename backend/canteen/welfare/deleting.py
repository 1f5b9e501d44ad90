"""When somebody's facts are deleted, cases stay in the books, without a word about the person."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.canteen.welfare.models import AbsentDay, WelfareAddition, WelfareCase, WelfareStep
from backend.people.deleting import Deletion, forgets


@forgets
def cases_lose_their_words(session: Session, done: Deletion) -> None:
    """An open case stays open: somebody may lie on the floor."""
    theirs = select(WelfareCase.id).where(WelfareCase.person_id.in_(done.person_ids))
    for statement in (
        update(WelfareStep).where(WelfareStep.case_id.in_(theirs)).values(note=None),
        update(WelfareAddition).where(WelfareAddition.case_id.in_(theirs)).values(note=None),
        update(WelfareCase)
        .where(WelfareCase.person_id.in_(done.person_ids))
        .values(note=None, food_with=None),
        delete(AbsentDay).where(AbsentDay.person_id.in_(done.person_ids)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
