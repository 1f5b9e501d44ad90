"""When an account is deleted: the audit keeps who did what and when, not the facts of the person.

That staff acted must stay provable; whose name and birthday it was need not.
"""

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.people.deleting import Deletion, forgets
from backend.staff.models import AuditEntry

_PERSONAL = frozenset(
    {"name", "birth_date", "gender", "home_place_id", "address", "phone", "note"}
)  # fmt: skip


@forgets
def audit_forgets(session: Session, done: Deletion) -> None:
    """Take the personal facts out of the rows about these people."""
    entries = session.scalars(
        select(AuditEntry).where(
            or_(
                and_(
                    AuditEntry.subject_kind == "person",
                    AuditEntry.subject_id.in_(done.person_ids),
                ),
                and_(
                    AuditEntry.action == "call.tick_off",
                    AuditEntry.after["person_id"].as_integer().in_(done.person_ids),
                ),
            )
        )
    ).all()
    for entry in entries:
        entry.before, entry.after = _without(entry.before), _without(entry.after)
    session.flush()


def _without(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {name: _without(fact) for name, fact in facts.items() if name not in _PERSONAL}
    return facts
