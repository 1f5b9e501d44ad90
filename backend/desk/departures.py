"""Somebody died or moved away: staff note it, so that no meal is claimed for them unseen."""

from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.eaters.models import Departure
from backend.db import AnyRow, table_of
from backend.desk.reach import access_person, place_of
from backend.errors import Invalid
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

CHANGE = Permission.CHANGE_PEOPLE

_departure = table_of(Departure)


def of_person(session: Session, person_id: int) -> AnyRow | None:
    """What is noted of somebody, whom the caller has found to be in reach."""
    return session.execute(
        select(_departure).where(_departure.c.person_id == person_id)
    ).first()  # fmt: skip


def note(
    session: Session, me: SignedInStaff, person_id: int, kind: str, left_on: date, now: datetime
) -> None:
    """From that day on meals of theirs are looked at before they are claimed. Raises NotFound.

    Also raises Invalid for a day to come.
    """
    person = access_person(session, me, CHANGE, person_id)
    if left_on > clock.today(now):
        raise Invalid({"left_on": [_("请填写今天或以前的日期。")]})
    was = of_person(session, person_id)
    values = {"kind": kind, "left_on": left_on, "staff_id": me.staff_id, "noted_at": now}
    if was is None:
        session.execute(insert(_departure).values(person_id=person_id, **values))
    else:
        session.execute(
            update(_departure).where(_departure.c.person_id == person_id).values(values)
        )
    audit.record(
        session, me.staff_id, "person.left", "person", person_id, _shown(was),
        {"departure": kind, "left_on": left_on.isoformat()}, place_id=place_of(session, me, person),
    )  # fmt: skip


def take_back(session: Session, me: SignedInStaff, person_id: int) -> None:
    """It was a mistake. Raises NotFound."""
    person = access_person(session, me, CHANGE, person_id)
    was = of_person(session, person_id)
    if was is None:
        audit.unchanged(session)
        return
    session.execute(delete(_departure).where(_departure.c.person_id == person_id))
    audit.record(
        session, me.staff_id, "person.not_left", "person", person_id, _shown(was),
        place_id=place_of(session, me, person),
    )  # fmt: skip


def _shown(row: AnyRow | None) -> dict[str, str] | None:
    return None if row is None else {"departure": row.kind, "left_on": row.left_on.isoformat()}
