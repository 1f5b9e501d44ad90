"""A resident's card: what the desk sees of one person."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking, BookingEvent, State
from backend.booking.queries import POSITION
from backend.booking.rules import age_on
from backend.db import AnyRow
from backend.desk.find import home_name
from backend.desk.reach import access_person
from backend.errors import NotFound
from backend.night_school.fees import queries as fees
from backend.people.masking import mask_phone
from backend.people.models import Account, Consent, Person
from backend.people.naming import nameless, shown_name
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import AuditEntry, Staff

_above = aliased(Place)
_actor = aliased(Person)
LAST_EVENTS = 40


def get_card(session: Session, me: SignedInStaff, person_id: int, now: datetime) -> dict[str, Any]:
    """The facts with the phone masked, the household, the bookings. Raises NotFound."""
    person = access_person(session, me, Permission.SEE_PEOPLE, person_id)
    account = session.scalars(
        select(Account).where(Account.person_id == person_id, Account.closed_at.is_(None))
    ).first()
    return {
        "id": person.id,
        "name": nameless() if person.deleted_at else person.name,
        "deleted": person.deleted_at is not None,
        "birth_date": person.birth_date,
        "age": age_on(person.birth_date, clock.today(now)) if person.birth_date else None,
        "gender": person.gender,
        "phone": mask_phone(person.phone) if person.phone else None,
        "home_place_id": person.home_place_id,
        "home": _home(session, person.home_place_id),
        "address": person.address,
        "note": person.note,
        "created_at": person.created_at,
        "account_id": account.id if account else None,
        "acts_for": _acts_for(session, account.id if account else None, now),
        "acted_for_by": _acted_for_by(session, person_id, now),
        "asked_by": _asked_by(session, person),
        "bookings": _bookings(session, me, person_id, now),
    }


def merged_into(session: Session, person_id: int) -> int | None:
    """The card to look at instead, if this one was merged away; scopes are checked there."""
    return session.scalar(select(Person.merged_into_id).where(Person.id == person_id))


def _home(session: Session, place_id: int | None) -> str | None:
    row = session.execute(
        select(Place.kind, Place.name, _above.name.label("above"))
        .outerjoin(_above, _above.id == Place.parent_id)
        .where(Place.id == place_id)
    ).first()
    return home_name(row.kind, row.name, row.above) if row else None


def _live(now: datetime) -> Any:
    return (
        Consent.given_at.is_not(None)
        & Consent.withdrawn_at.is_(None)
        & or_(Consent.ends_on.is_(None), Consent.ends_on > clock.today(now))
    )


def _acts_for(session: Session, account_id: int | None, now: datetime) -> list[dict[str, Any]]:
    if account_id is None:
        return []
    rows = session.execute(
        select(Consent.id, Consent.relation, Consent.given_at, Consent.ends_on, Person.name,
               Person.id.label("person_id"), Consent.witness_staff_id)
        .join(Person, Person.id == Consent.person_id)
        .where(Consent.account_id == account_id, _live(now))
        .order_by(Consent.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def _acted_for_by(session: Session, person_id: int, now: datetime) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Consent.id, Consent.relation, Consent.given_at, Consent.ends_on, _actor.name,
               _actor.id.label("person_id"), Consent.witness_staff_id)
        .join(Account, Account.id == Consent.account_id)
        .join(_actor, _actor.id == Account.person_id)
        .where(Consent.person_id == person_id, _live(now))
        .order_by(Consent.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def _asked_by(session: Session, person: Person) -> list[dict[str, Any]]:
    """Who has asked to act for this person and waits for a yes."""
    meant = Consent.person_id == person.id
    if person.phone_hash:
        meant = or_(meant, Consent.asked_phone_hash == person.phone_hash)
    rows = session.execute(
        select(Consent.id, Consent.relation, Consent.requested_at, Consent.account_id,
               _actor.name, _actor.id.label("person_id"))
        .join(Account, Account.id == Consent.account_id)
        .join(_actor, _actor.id == Account.person_id)
        .where(meant, Consent.given_at.is_(None), Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def _bookings(
    session: Session, me: SignedInStaff, person_id: int, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """`coming` and `past`; `mine`: it is at my places, so I may change it."""
    rows = session.execute(
        select(
            Booking.id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.offer_until,
            Booking.created_at, case((Booking.state == State.WAITING, POSITION)).label("position"),
            Bookable.id.label("bookable_id"), Bookable.kind, Bookable.title,
            Place.name.label("place_name"), Place.path,
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.person_id == person_id)
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(200)
    ).all()  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {"coming": [], "past": []}
    owed = fees.of_bookings(session, [row.id for row in rows])
    for row in rows:
        live = row.state in LIVE and row.ends_at > now
        one = dict(row._mapping) | {
            "mine": me.may(Permission.BOOK_FOR_PEOPLE, row.path),
            "fee": owed.get(row.id),
            "can_cancel": live and row.state != State.ATTENDED,
            "can_transfer": live and row.state == State.CONFIRMED and row.kind == "course_run",
            "is_offer": row.state == State.OFFERED,
        }
        found["coming" if live else "past"].append(one)
    found["coming"].reverse()
    return found


def get_history(session: Session, me: SignedInStaff, person_id: int) -> list[dict[str, Any]]:
    """What happened to the person's card and bookings, the newest first. Raises NotFound."""
    access_person(session, me, Permission.SEE_PEOPLE, person_id)
    events = session.execute(
        select(
            BookingEvent.at, BookingEvent.state, BookingEvent.reason, BookingEvent.late_minutes,
            Bookable.title,
            Staff.name.label("staff_name"), _actor.name.label("account_name"),
        )
        .join(Booking, Booking.id == BookingEvent.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .outerjoin(Staff, Staff.id == BookingEvent.staff_id)
        .outerjoin(Account, Account.id == BookingEvent.account_id)
        .outerjoin(_actor, _actor.id == Account.person_id)
        .where(Booking.person_id == person_id)
        .order_by(BookingEvent.id.desc())
        .limit(LAST_EVENTS)
    )  # fmt: skip
    audited = session.execute(
        select(AuditEntry.at, AuditEntry.action, Staff.name.label("staff_name"))
        .join(Staff, Staff.id == AuditEntry.staff_id)
        .where(AuditEntry.subject_kind == "person", AuditEntry.subject_id == person_id)
        .order_by(AuditEntry.id.desc())
        .limit(LAST_EVENTS)
    )
    both = [{"kind": "booking"} | dict(row._mapping) for row in events]
    both += [{"kind": "card"} | dict(row._mapping) for row in audited]
    return sorted(both, key=lambda one: one["at"], reverse=True)[:LAST_EVENTS]


def get_booking_place(session: Session, me: SignedInStaff, booking_id: int) -> Any:
    """A booking at my places, with what its audit row says. Raises NotFound."""
    row = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.state, Booking.cancel_until,
            Booking.party_id, Booking.bookable_id, Bookable.place_id, Bookable.title,
            Bookable.kind,
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.id == booking_id, me.covers(Permission.BOOK_FOR_PEOPLE, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def party_of(session: Session, booking: AnyRow) -> list[str]:
    """The names of all who go together with a booking, as `get_booking_place` has it."""
    if booking.party_id is None:
        return []
    names = session.scalars(
        select(shown_name())
        .join(Booking, Booking.person_id == Person.id)
        .where(
            Booking.party_id == booking.party_id, Booking.bookable_id == booking.bookable_id,
            Booking.state.in_(LIVE),
        )
        .order_by(Booking.id)
    ).all()  # fmt: skip
    return list(names) if len(names) > 1 else []
