"""Calling people whom nothing has reached: the one number that a call needs."""

from datetime import datetime

from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.people.models import Person
from backend.reminders import call_list
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff


def reveal_phone(session: Session, me: SignedInStaff, reminder_id: int, now: datetime) -> str:
    """The whole number of whom to call: the person, or who acts for them and may live elsewhere.

    That it was looked at stands in the audit. Raises NotFound for what is not on the list.
    """
    listed = call_list.list_calls(session, me.paths(Permission.MAKE_CALLS), now)
    call = next((call for call in listed if call["id"] == reminder_id), None)
    contact = session.get(Person, call["contact_id"]) if call else None
    if call is None or contact is None or contact.phone is None:
        raise NotFound()
    audit.record(
        session, me.staff_id, "person.show_phone", "person", contact.id,
        after={"reminder_id": reminder_id}, place_id=call["place_id"],
    )  # fmt: skip
    return contact.phone
