"""The audit: who did what to what, and how it stood before and after.

A door that writes refuses to commit unless `record` (or, where a verb found nothing to change,
`unchanged`) was called in its transaction, so that no write can forget its row.
"""

from typing import Any

import structlog
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend import clock
from backend.staff.models import AuditEntry

_KEPT = "audited"


class NotAudited(Exception):
    """A page wrote without leaving an audit row: a programming error; nothing is committed."""


def record(
    session: Session,
    staff_id: int,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    place_id: int | None = None,
) -> None:
    """Write one row in the transaction of what it tells.

    `before` and `after` hold plain values of what changed (no phone, address or ID number in
    clear); `place_id` is where it belongs, for the managers who may read it.
    """
    session.execute(
        insert(AuditEntry).values(
            at=clock.now(),
            staff_id=staff_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            place_id=place_id,
            before=before,
            after=after,
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
        )
    )
    session.info[_KEPT] = True


def unchanged(session: Session) -> None:
    """Say that the verb found nothing to change: there is nothing to audit."""
    session.info[_KEPT] = True


def begin(session: Session) -> None:
    """At the door, before the verb."""
    session.info[_KEPT] = False


def require(session: Session) -> None:
    """At the door, after the verb. Raises NotAudited."""
    if not session.info.pop(_KEPT, False):
        raise NotAudited("a page that writes must call audit.record (or audit.unchanged)")
