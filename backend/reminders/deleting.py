"""When an account is deleted: nothing more is told, the inbox and WeChat's grants are gone.

The outbox keeps its rows, as a count of what was told, without what would name anybody.
"""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.people.deleting import Deletion, forgets
from backend.reminders import reasons
from backend.reminders.models import Delivery, InboxMessage, Kind, Reminder, SubscriptionGrant

_OPEN = (Delivery.DUE, Delivery.UNREACHED)


@forgets
def reminders_end(session: Session, done: Deletion) -> None:
    """What was still to be told to the owner, or by a call, is dropped."""
    session.execute(delete(InboxMessage).where(InboxMessage.account_id == done.account_id))
    session.execute(
        delete(SubscriptionGrant).where(SubscriptionGrant.openid.in_(done.openids))
    )  # fmt: skip
    about = Reminder.person_id.in_(done.person_ids)
    session.execute(
        update(Reminder)
        .where(about, Reminder.state.in_(_OPEN))
        .values(
            state=Delivery.DROPPED, reason=str(reasons.NO_LONGER), settled_at=done.now,
            claimed_until=None,
        )
    )  # fmt: skip
    session.execute(update(Reminder).where(about).values(facts=None, call_note=None))
    session.execute(
        update(Reminder).where(Reminder.account_id == done.account_id).values(account_id=None)
    )
    _unname(session, done)


def _unname(session: Session, done: Deletion) -> None:
    """What others were told of a consent does not name its other side any more."""
    told = session.scalars(
        select(Reminder).where(
            Reminder.kind == Kind.CONSENT,
            Reminder.facts["consent_id"].as_integer().in_(done.consent_ids),
        )
    ).all()
    for reminder in told:
        reminder.facts = {**(reminder.facts or {}), "who": ""}
    session.flush()
