"""The duty office hears by text message that somebody is still looked for: once per case.

Three steps, as reminders go out: claim (one transaction), send (no database), record (one
transaction). What may have arrived counts as sent; what surely did not is sent again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.canteen.models import Canteen, MealService
from backend.canteen.welfare import contacts
from backend.canteen.welfare.models import DutyText, WelfareCase
from backend.db import AnyRow, db, table_of, transactional
from backend.places.models import Place
from backend.sms import provider
from backend.sms.errors import SmsFailed
from backend.sms.facts import Unanswered

TRIES = 5
PAUSE = timedelta(minutes=1)
"""How long a worker has for one, and after which it is tried again."""

_text, _case, _place = table_of(DutyText), table_of(WelfareCase), table_of(Place)
_booking, _service, _canteen = table_of(Booking), table_of(MealService), table_of(Canteen)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way."""

    case_id: int
    phone: str
    facts: Unanswered


def write(session: Session, case: AnyRow, now: datetime) -> None:
    """The message about a case to the office of where somebody knocked, once; none without one."""
    place_id = session.scalars(
        select(_canteen.c.place_id)
        .join(_service, _service.c.canteen_id == _canteen.c.id)
        .join(_booking, _booking.c.bookable_id == _service.c.id)
        .where(_booking.c.id == case.booking_id)
    ).one()
    office = contacts.duty_office(session, case.booking_id, place_id)
    if office is None:
        return
    session.execute(
        insert(_text)
        .values(case_id=case.id, place_id=office.id, phone=office.duty_phone, due_at=now)
        .on_conflict_do_nothing()
    )


def send_due(stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due; how many a provider took."""
    taken = 0
    for one in _claim():
        if stopping():
            break
        sent = _send(one)
        _record(one.case_id, sent)
        taken += sent
    return taken


@transactional
def _claim() -> Sequence[Outgoing]:
    """Those of open cases that nobody has in hand."""
    session, now = db.session(), clock.now()
    ids = session.scalars(
        update(_text)
        .where(
            _text.c.due_at <= now, _text.c.sent_at.is_(None), _text.c.given_up_at.is_(None),
            or_(_text.c.claimed_until.is_(None), _text.c.claimed_until <= now),
            _text.c.case_id.in_(select(_case.c.id).where(_case.c.closed_at.is_(None))),
        )
        .values(claimed_until=now + PAUSE, attempts=_text.c.attempts + 1)
        .returning(_text.c.case_id)
    ).all()  # fmt: skip
    rows = session.execute(
        select(_text.c.case_id, _text.c.phone, _case.c.opened_at, _canteen.c.name,
               _canteen.c.phone.label("ring"))
        .join(_case, _case.c.id == _text.c.case_id)
        .join(_booking, _booking.c.id == _case.c.booking_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(_canteen, _canteen.c.id == _service.c.canteen_id)
        .where(_text.c.case_id.in_(ids))
        .order_by(_text.c.case_id)
    )  # fmt: skip
    return [
        Outgoing(
            row.case_id, row.phone,
            Unanswered(row.name, f"{clock.local(row.opened_at):%H:%M}", row.ring or ""),
        )
        for row in rows
    ]  # fmt: skip


def _send(one: Outgoing) -> bool:
    texts = provider.current()
    try:
        if texts is None:
            return False
        texts.send_unanswered(one.phone, one.facts)
    except SmsFailed as failure:
        log.warning("a duty office was not told", case=one.case_id, reason=str(failure))
        return failure.ambiguous
    return True


@transactional
def _record(case_id: int, sent: bool) -> None:
    session, now = db.session(), clock.now()
    which = update(_text).where(_text.c.case_id == case_id, _text.c.sent_at.is_(None))
    if sent:
        session.execute(which.values(sent_at=now, claimed_until=None))
    else:
        session.execute(which.where(_text.c.attempts >= TRIES).values(given_up_at=now))


def of_case(session: Session, case_id: int) -> AnyRow | None:
    """What became of the message about a case, and to which office it goes; None: there is none."""
    return session.execute(
        select(_text, _place.c.name)
        .join(_place, _place.c.id == _text.c.place_id)
        .where(_text.c.case_id == case_id)
    ).first()
