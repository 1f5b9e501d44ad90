"""Calling people whom nothing has reached: whose calls they are, and the one number it needs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.ordering import facts
from backend.errors import NotFound
from backend.people.models import Person
from backend.places.models import Place
from backend.reminders import call_list
from backend.reminders.models import Reminder
from backend.staff import audit
from backend.staff.access import Permission, Reach, SignedInStaff, below

CALL = Permission.MAKE_CALLS
_ABOUT_MEALS = or_(
    select(Booking.id)
    .where(Booking.id == Reminder.booking_id, Booking.once_key.startswith(f"{facts.WORD}:"))
    .exists(),
    Reminder.facts["canteen_id"].as_string().is_not(None),
)


def list_mine(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Whom they should call, as `call_list` has it: for those of a canteen, about its meals."""
    return call_list.list_calls(session, _reach(me), now)


def tick_off(
    session: Session, me: SignedInStaff, reminder_id: int, note: str | None, now: datetime
) -> None:
    """The call was made. Raises NotFound, also for what is not on their list."""
    call_list.tick_off(session, reminder_id, me.staff_id, note, now, within=_reach(me))


def reveal_phone(session: Session, me: SignedInStaff, reminder_id: int, now: datetime) -> str:
    """The whole number of whom to call: the person, or who acts for them and may live elsewhere.

    That it was looked at stands in the audit. Raises NotFound for what is not on the list.
    """
    listed = list_mine(session, me, now)
    call = next((call for call in listed if call["id"] == reminder_id), None)
    contact = session.get(Person, call["contact_id"]) if call else None
    if call is None or contact is None or contact.phone is None:
        raise NotFound()
    audit.record(
        session, me.staff_id, "person.show_phone", "person", contact.id,
        after={"reminder_id": reminder_id}, place_id=call["place_id"],
    )  # fmt: skip
    return contact.phone


def _reach(me: SignedInStaff) -> ColumnElement[bool]:
    meals = and_(below(Place.path, me.paths(CALL, Reach.OWN)), _ABOUT_MEALS)
    return or_(below(Place.path, me.paths(CALL)), meals)
