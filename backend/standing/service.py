"""Appeals about missed occasions: residents say how it was, staff let it count or not."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import config
from backend.booking.models import Bookable, Booking
from backend.booking.queries import check_mine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.queries import Resident
from backend.places.models import Place
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff
from backend.standing import sources
from backend.standing.errors import (
    AppealAnswered,
    AppealDecided,
    AppealOpen,
    AppealTooLate,
    NothingToAppeal,
)
from backend.standing.models import Appeal, AppealState, Waiver
from backend.standing.weighing import Missed
from backend.standing.wording import BECAME

DECIDE = Permission.BOOK_FOR_PEOPLE
"""Whoever may sign people up against the rule may also say what counts for it."""

_appeal = table_of(Appeal)


def appeals_until(at: datetime) -> datetime:
    """Until when an occasion at that moment may be appealed on the phone."""
    return at + timedelta(days=config.current().standing_appeal_days)


def appeal(
    session: Session, me: Resident, booking_id: int, occasion_id: int, reason: str, now: datetime
) -> int:
    """Say how it was; the appeal's id. Raises NotFound for what is not one's own or was not missed,
    NothingToAppeal, AppealTooLate, AppealAnswered, AppealOpen.
    """
    check_mine(session, me, booking_id, now)
    one = _counting(session, booking_id, occasion_id, now)
    if now > appeals_until(one.at):
        raise AppealTooLate(days=config.current().standing_appeal_days)
    _check_not_answered(session, booking_id, occasion_id)
    asked = session.scalar(
        insert(_appeal)
        .values(
            booking_id=booking_id, occasion_id=occasion_id, account_id=me.account_id,
            reason=reason, asked_at=now, state=AppealState.ASKED,
        )
        .on_conflict_do_nothing(
            index_elements=["booking_id", "occasion_id"],
            index_where=_appeal.c.state == AppealState.ASKED,
        )
        .returning(_appeal.c.id)
    )  # fmt: skip
    if asked is None:
        raise AppealOpen()
    return int(asked)


def _check_not_answered(session: Session, booking_id: int, occasion_id: int) -> None:
    declined = select(_appeal.c.id).where(
        _appeal.c.booking_id == booking_id,
        _appeal.c.occasion_id == occasion_id,
        _appeal.c.state == AppealState.DECLINED,
    )
    if session.execute(declined.limit(1)).first() is not None:
        raise AppealAnswered()


def _counting(session: Session, booking_id: int, occasion_id: int, now: datetime) -> Missed:
    """The occasion, if it weighs something still."""
    person_id = session.execute(
        select(Booking.person_id).where(Booking.id == booking_id)
    ).scalar_one()
    key = (booking_id, occasion_id)
    for one in sources.recorded(session, [person_id], now):
        if one.key == key:
            if key in sources.waived(session, [person_id]):
                raise NothingToAppeal()
            return one
    raise NotFound()


def decide(
    session: Session, me: SignedInStaff, appeal_id: int, answer: str, now: datetime,
    *, granted: bool,
) -> None:  # fmt: skip
    """Let the occasion count no more, or go on counting; the resident reads the answer.

    What is on record stays as it is: a wrong mark is put right where it was made. Raises NotFound,
    AppealDecided for the second of two.
    """
    row = access_appeal(session, me, appeal_id)
    if not _settle(session, me, appeal_id, answer, now, granted=granted):
        raise AppealDecided(**_decision(session, appeal_id))
    if granted:
        _waive(session, me, row.booking_id, row.occasion_id, answer, now)
    _tell(session, row, answer, now, granted=granted)
    became = AppealState.GRANTED if granted else AppealState.DECLINED
    _audit(session, me, f"standing.{became}", row, answer)


def waive(
    session: Session, me: SignedInStaff, booking_id: int, occasion_id: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Let an occasion count no more without having been asked; an open appeal is granted by it.

    Raises NotFound, NothingToAppeal.
    """
    row = access_booking(session, me, booking_id)
    _counting(session, booking_id, occasion_id, now)
    if not _waive(session, me, booking_id, occasion_id, reason, now):
        raise NothingToAppeal()
    open_one = session.execute(
        select(_appeal).where(
            _appeal.c.booking_id == booking_id,
            _appeal.c.occasion_id == occasion_id,
            _appeal.c.state == AppealState.ASKED,
        )
    ).first()
    if open_one and _settle(session, me, open_one.id, reason, now, granted=True):
        told = access_appeal(session, me, open_one.id)
        _tell(session, told, reason, now, granted=True)
    _audit(session, me, "standing.waived", row, reason, occasion_id)


def access_booking(session: Session, me: SignedInStaff, booking_id: int) -> AnyRow:
    """A booking at my places. Raises NotFound."""
    row = session.execute(
        select(Booking.id.label("booking_id"), Booking.person_id, Bookable.place_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.id == booking_id, me.covers(DECIDE, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def access_appeal(session: Session, me: SignedInStaff, appeal_id: int) -> AnyRow:
    """An appeal about something at my places. Raises NotFound."""
    row = session.execute(
        select(
            _appeal.c.id, _appeal.c.booking_id, _appeal.c.occasion_id, _appeal.c.account_id,
            Booking.person_id, Bookable.place_id,
        )
        .join(Booking, Booking.id == _appeal.c.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(_appeal.c.id == appeal_id, me.covers(DECIDE, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _settle(
    session: Session, me: SignedInStaff, appeal_id: int, answer: str, now: datetime,
    *, granted: bool,
) -> bool:  # fmt: skip
    """Decide an open appeal; False if somebody else has."""
    settled = session.scalar(
        update(_appeal)
        .where(_appeal.c.id == appeal_id, _appeal.c.state == AppealState.ASKED)
        .values(
            state=AppealState.GRANTED if granted else AppealState.DECLINED, answer=answer,
            decided_by_id=me.staff_id, decided_at=now,
        )
        .returning(_appeal.c.id)
    )  # fmt: skip
    return settled is not None


def _decision(session: Session, appeal_id: int) -> dict[str, str]:
    row = session.execute(
        select(Staff.name, _appeal.c.state)
        .join(_appeal, _appeal.c.decided_by_id == Staff.id)
        .where(_appeal.c.id == appeal_id)
    ).one()
    return {"who": row.name, "became": str(BECAME[row.state])}


def _waive(
    session: Session, me: SignedInStaff, booking_id: int, occasion_id: int, reason: str,
    now: datetime,
) -> bool:  # fmt: skip
    added = session.scalar(
        insert(table_of(Waiver))
        .values(
            booking_id=booking_id, occasion_id=occasion_id, reason=reason, staff_id=me.staff_id,
            at=now,
        )
        .on_conflict_do_nothing(index_elements=["booking_id", "occasion_id"])
        .returning(table_of(Waiver).c.id)
    )  # fmt: skip
    return added is not None


def _tell(session: Session, row: AnyRow, answer: str, now: datetime, *, granted: bool) -> None:
    outbox.tell(
        session, Kind.STANDING, person_id=row.person_id, account_id=row.account_id,
        booking_id=row.booking_id, now=now,
        facts={"granted": granted, "answer": answer, "occasion_id": row.occasion_id},
    )  # fmt: skip


def _audit(
    session: Session, me: SignedInStaff, action: str, row: AnyRow, reason: str,
    occasion_id: int | None = None,
) -> None:  # fmt: skip
    about = row.occasion_id if occasion_id is None else occasion_id
    audit.record(
        session, me.staff_id, action, "booking", row.booking_id, place_id=row.place_id,
        after={"person_id": row.person_id, "occasion_id": about, "reason": reason},
    )  # fmt: skip
