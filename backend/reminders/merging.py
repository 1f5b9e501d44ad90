"""When two entries for one human become one, their reminders and inbox follow."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.people.merging import Merge, follows
from backend.reminders.models import InboxMessage, Reminder


@follows
def reminders_follow(session: Session, done: Merge) -> None:
    """What is still to be told, and what was told, belongs to the entry that stays."""
    for table in (Reminder, InboxMessage):
        session.execute(
            update(table).where(table.person_id == done.from_id).values(person_id=done.into_id)
        )
        if done.from_account_id is not None:
            session.execute(
                update(table)
                .where(table.account_id == done.from_account_id)
                .values(account_id=done.into_account_id)
            )
