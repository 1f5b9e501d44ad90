"""When two entries for one human become one, so do the cases about them and announced absences."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from backend.canteen.welfare.models import AbsentDay, WelfareCase
from backend.people.merging import Merge, follows


@follows
def cases_follow(session: Session, done: Merge) -> None:
    """A day announced for both is announced once."""
    kept = aliased(AbsentDay)
    there = select(kept.id).where(kept.person_id == done.into_id, kept.day == AbsentDay.day)
    gone = done.from_id
    for statement in (
        update(WelfareCase).where(WelfareCase.person_id == gone).values(person_id=done.into_id),
        delete(AbsentDay).where(AbsentDay.person_id == gone, there.exists()),
        update(AbsentDay).where(AbsentDay.person_id == gone).values(person_id=done.into_id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    if done.from_account_id is not None:
        session.execute(
            update(AbsentDay)
            .where(AbsentDay.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
            .execution_options(synchronize_session=False)
        )
