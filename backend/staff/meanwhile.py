"""Two people at one form: the second is shown what the first has changed, and may decide anew.

A form carries how things stood when it was opened; the verb that takes it looks, under the lock
that it holds anyway, whether they still stand so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.staff.errors import ChangedMeanwhile
from backend.staff.models import AuditEntry, Staff


@dataclass(frozen=True, slots=True)
class Original:
    """What a form showed, field by field as text, and when it was opened."""

    at: datetime
    stood: Mapping[str, str]


def check(
    session: Session, original: Original | None, stands: Mapping[str, str],
    labels: Mapping[str, Any], subjects: Sequence[tuple[str, int]],
) -> None:  # fmt: skip
    """Whether what the form showed of `labels` still stands; a post without an original passes.

    `subjects` are the kinds and ids under which the audit keeps changes of it. Raises
    ChangedMeanwhile with `changes`: each with label, was, now, and by whom and when.
    """
    if original is None:
        return
    differing = [
        name for name in labels if original.stood.get(name, "") != stands.get(name, "")
    ]  # fmt: skip
    if not differing:
        return
    entries = _since(session, original.at, subjects)
    raise ChangedMeanwhile(
        changes=[
            {
                "label": str(labels[name]), "was": original.stood.get(name, ""),
                "now": stands.get(name, ""),
            }
            | _by(name, entries)
            for name in differing
        ]
    )  # fmt: skip


def _since(session: Session, at: datetime, subjects: Sequence[tuple[str, int]]) -> Sequence[Any]:
    """What was done to the subjects since, the newest first."""
    about = [
        and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id == ident)
        for kind, ident in subjects
    ]
    return session.execute(
        select(AuditEntry.at, AuditEntry.after, Staff.name)
        .join(Staff, Staff.id == AuditEntry.staff_id)
        .where(or_(*about), AuditEntry.at >= at)
        .order_by(AuditEntry.id.desc())
    ).all()


def _by(name: str, entries: Sequence[Any]) -> dict[str, Any]:
    """Who changed the field last; where no entry names it, whoever was there last."""
    naming = [entry for entry in entries if name in (entry.after or {})]
    for entry in (*naming, *entries):
        return {"by": entry.name, "at": entry.at}
    return {"by": None, "at": None}
