"""When an account is deleted, its people leave their groups; the groups keep what they reserved."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.people.deleting import Deletion, forgets_first
from backend.venues.groups import service
from backend.venues.groups.models import GroupMember


@forgets_first
def members_leave(session: Session, done: Deletion) -> None:
    """A leader takes over before their own bookings end."""
    group_ids = session.scalars(
        select(GroupMember.group_id)
        .where(GroupMember.person_id.in_(done.person_ids), GroupMember.removed_at.is_(None))
        .distinct()
        .order_by(GroupMember.group_id)
    ).all()
    actor = Actor(account_id=done.account_id)
    for group_id in group_ids:
        service.let_go(session, group_id, done.person_ids, actor, done.now)
