"""Whom to ask about somebody who does not answer: themselves, neighbours, family, duty office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Booking
from backend.canteen.delivery.models import DeliveryStop, StopState
from backend.canteen.delivery.wording import door
from backend.canteen.ordering.models import MealOrder
from backend.canteen.welfare.models import GridWorker, Step
from backend.db import AnyRow, table_of
from backend.people.masking import mask_phone
from backend.people.models import Account, Consent, Person
from backend.people.own_data import RELATION
from backend.places.models import Place, PlaceKind

_worker, _place, _stop = table_of(GridWorker), table_of(Place), table_of(DeliveryStop)
MOST_NEIGHBOURS = 3
_OTHERS = (PlaceKind.COMMUNITY, PlaceKind.STREET)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ask: for which step, their name, what they are, and their number."""

    step: Step
    name: str
    about: str
    phone: str | None

    def masked(self) -> "Contact":
        """As it is shown once nobody needs to be called any more."""
        phone = self.phone and mask_phone(self.phone)
        return Contact(self.step, self.name, self.about, phone)


def of_case(session: Session, case: AnyRow, now: datetime) -> list[Contact]:
    """In the order they are asked; a number that is known twice is given once."""
    eater = session.execute(
        select(
            Person.name, Person.phone, MealOrder.phone.label("left"),
        )
        .select_from(Booking)
        .join(Person, Person.id == literal(case.person_id))
        .outerjoin(MealOrder, MealOrder.booking_id == Booking.id)
        .where(Booking.id == case.booking_id)
    ).one()  # fmt: skip
    found = [Contact(Step.CALL, eater.name, "", phone) for phone in _numbers(eater)]
    above = _chain(session, _knocked_at(session, case.booking_id, case.place_id))
    found += _neighbours(session, case.booking_id)
    found += _grid_workers(session, [one.id for one in above])
    found += _family(session, case.person_id, now)
    found += [
        Contact(Step.DUTY, one.name, "", one.phone)
        for one in above
        if one.phone and one.kind in _OTHERS
    ]
    return found


def duty_office(session: Session, booking_id: int, place_id: int) -> AnyRow | None:
    """The nearest office with a mobile to where somebody knocks, else to the canteen's place."""
    above = _chain(session, _knocked_at(session, booking_id, place_id))
    return next((one for one in above if one.duty_phone), None)


def _knocked_at(session: Session, booking_id: int, place_id: int) -> int:
    """The estate or building where somebody knocks, else the eater's home, else that place."""
    row = session.execute(
        select(_stop.c.place_id, Person.home_place_id)
        .select_from(Booking)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(_stop, _stop.c.booking_id == Booking.id)
        .where(Booking.id == booking_id)
    ).one()
    return int(row.place_id or row.home_place_id or place_id)


def _numbers(eater: AnyRow) -> list[str]:
    return list(dict.fromkeys(one for one in (eater.phone, eater.left) if one))


def _chain(session: Session, place_id: int) -> Sequence[AnyRow]:
    """The place and all above it, the nearest first."""
    path = session.scalar(select(_place.c.path).where(_place.c.id == place_id)) or ""
    ids = [int(one) for one in path.strip("/").split("/") if one]
    return session.execute(
        select(_place.c.id, _place.c.kind, _place.c.name, _place.c.phone, _place.c.duty_phone)
        .where(_place.c.id.in_(ids))
        .order_by(_place.c.path.desc())
    ).all()


def _neighbours(session: Session, booking_id: int) -> list[Contact]:
    """Who had their meal brought in the same building just now: they are at home."""
    theirs = aliased(_stop)
    rows = session.execute(
        select(
            Person.name, Person.phone, MealOrder.phone.label("left"), _stop.c.building,
            _stop.c.unit, _stop.c.flat,
        )
        .select_from(_stop)
        .join(theirs, theirs.c.booking_id == booking_id)
        .join(Booking, Booking.id == _stop.c.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(
            _stop.c.meal_service_id == theirs.c.meal_service_id,
            _stop.c.place_id == theirs.c.place_id, _stop.c.building == theirs.c.building,
            _stop.c.state == StopState.DONE, ~_stop.c.at_drop_point,
        )
        .order_by(_stop.c.at.desc(), _stop.c.id)
        .limit(MOST_NEIGHBOURS)
    )  # fmt: skip
    return [
        Contact(Step.NEIGHBOUR, row.name, door(dict(row._mapping)), row.left or row.phone)
        for row in rows
    ]


def _grid_workers(session: Session, place_ids: Sequence[int]) -> list[Contact]:
    rows = session.execute(
        select(_worker.c.name, _worker.c.phone, _worker.c.about)
        .join(_place, _place.c.id == _worker.c.place_id)
        .where(_worker.c.place_id.in_(place_ids))
        .order_by(_place.c.path.desc(), _worker.c.name)
    )
    return [Contact(Step.GRID, row.name, row.about or "", row.phone) for row in rows]


def _family(session: Session, person_id: int, now: datetime) -> list[Contact]:
    """Who may act for them, whoever of these has a number first."""
    today = clock.today(now)
    rows = session.execute(
        select(Person.name, Person.phone, Consent.relation)
        .join(Account, Account.id == Consent.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            Consent.person_id == person_id, Consent.given_at.is_not(None),
            Consent.withdrawn_at.is_(None),
            or_(Consent.ends_on.is_(None), Consent.ends_on > today),
            Account.closed_at.is_(None), Person.id != person_id,
        )
        .order_by(Person.phone.is_(None), Consent.id)
    )  # fmt: skip
    return [Contact(Step.FAMILY, row.name, _of(row.relation), row.phone) for row in rows]


_BACK: dict[str, Any] = {"child": "parent", "parent": "child"}


def _of(relation: str) -> str:
    """What the one who acts is to the eater: a parent of theirs is the child's contact."""
    return str(RELATION[_BACK.get(relation, relation)])
