"""When two entries for one human become one, their groups are theirs once."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.people.merging import Merge, follows
from backend.venues.groups.models import GroupMember


@follows
def memberships_follow(session: Session, done: Merge) -> None:
    """Where both were members the one that stays is, and leads if either did."""
    live = GroupMember.removed_at.is_(None)
    both = (done.from_id, done.into_id)
    rows = session.execute(
        select(GroupMember.id, GroupMember.group_id, GroupMember.person_id, GroupMember.leads)
        .where(GroupMember.person_id.in_(both), live)
        .order_by(GroupMember.id)
    ).all()
    staying = {row.group_id: row for row in rows if row.person_id == done.into_id}
    for row in rows:
        if row.person_id == done.from_id and row.group_id in staying:
            kept = staying[row.group_id]
            session.execute(
                update(GroupMember)
                .where(GroupMember.id == kept.id)
                .values(leads=row.leads or kept.leads)
            )
            session.execute(
                update(GroupMember)
                .where(GroupMember.id == row.id)
                .values(removed_at=done.now, leads=False)
            )
    session.execute(
        update(GroupMember)
        .where(GroupMember.person_id == done.from_id)
        .values(person_id=done.into_id)
        .execution_options(synchronize_session=False)
    )
    if done.from_account_id is not None:
        session.execute(
            update(GroupMember)
            .where(GroupMember.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
            .execution_options(synchronize_session=False)
        )
