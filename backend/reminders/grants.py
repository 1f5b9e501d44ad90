"""WeChat's one-time grants: each accept lets one message of that template through.

A deployment counts them from one source, the message push or else the client's report. The count
is an estimate; WeChat's answer to a message is the truth (design, section 3).
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.reminders.models import URGENT, Kind, SubscriptionGrant

Grant = tuple[str, str]
"""An openid and a template id."""

ACCEPT = "accept"
REFUSED_BY_WECHAT = "43101"

_NO = (REFUSED_BY_WECHAT, "reject", "ban")
_LEAVES_ONE = (Kind.OFFER_EXPIRED, Kind.LESSON_SOON, Kind.VISIT_SOON)

_grant = table_of(SubscriptionGrant)
_spent = (
    update(_grant)
    .where(_grant.c.openid == bindparam("to"), _grant.c.template_id == bindparam("of"))
    .values(
        remaining=case((_grant.c.remaining > 0, _grant.c.remaining - 1), else_=0),
        changed_at=bindparam("now"),
    )
)


def granted(session: Session, openid: str, template_id: str, now: datetime) -> None:
    """The person tapped "allow" once: one more message may be sent."""
    _note(session, openid, template_id, ACCEPT, now, remaining=_grant.c.remaining + 1, first=1)


def declined(session: Session, openid: str, template_id: str, status: str, now: datetime) -> None:
    """The person did not allow one more; what they allowed before still stands.

    `status` is WeChat's word for it: reject, ban or filter.
    """
    _note(session, openid, template_id, status, now, remaining=_grant.c.remaining)


def refused(session: Session, openid: str, template_id: str, status: str, now: datetime) -> None:
    """No message passes any more: switched off in WeChat's settings, or answered with 43101."""
    _note(session, openid, template_id, status, now, remaining=0)


def _note(
    session: Session, openid: str, template_id: str, answer: str, now: datetime,
    *, remaining: object, first: int = 0,
) -> None:  # fmt: skip
    session.execute(
        insert(_grant)
        .values(
            openid=openid, template_id=template_id, remaining=first, last_answer=answer,
            changed_at=now,
        )
        .on_conflict_do_update(
            index_elements=[_grant.c.openid, _grant.c.template_id],
            set_={"remaining": remaining, "last_answer": answer, "changed_at": now},
        )
    )  # fmt: skip


def spend(session: Session, grants: Sequence[Grant], now: datetime) -> None:
    """One message each got through."""
    if grants:  # sorted, so that two workers lock the rows in one order
        rows = [{"to": openid, "of": template, "now": now} for openid, template in sorted(grants)]
        session.execute(_spent, rows)


class Purse:
    """The grants of a batch of recipients, counted down as messages are planned."""

    def __init__(self, session: Session, wanted: Collection[Grant]) -> None:
        rows = session.execute(
            select(_grant.c.openid, _grant.c.template_id, _grant.c.remaining, _grant.c.last_answer)
            .where(tuple_(_grant.c.openid, _grant.c.template_id).in_(wanted))
        )  # fmt: skip
        found = rows.all() if wanted else []
        self._left = {(row.openid, row.template_id): int(row.remaining) for row in found}
        self._said_no = {
            (row.openid, row.template_id) for row in found if row.last_answer in _NO
        }  # fmt: skip

    def take(self, kind: Kind, grant: Grant) -> bool:
        """Whether to send a reminder of `kind` on `grant`; counts it if so.

        A grant serves one template, so only kinds that share one compete for it: an expired offer
        leaves the last one to a change, the two-hours reminder leaves it to the next lesson's eve.
        What is urgent is tried even where nothing is counted, unless WeChat's last word was no: an
        accept may have gone uncounted, and an attempt in vain costs nobody anything.
        """
        left = self._left.get(grant, 0)
        if left > (1 if kind in _LEAVES_ONE else 0):
            self._left[grant] = left - 1
            return True
        return kind in URGENT and grant not in self._said_no
