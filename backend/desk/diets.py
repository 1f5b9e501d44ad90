"""The diet of a resident as staff write it down, at the desk or on the telephone."""

from datetime import datetime

from sqlalchemy.orm import Session

from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile
from backend.desk.reach import access_person, place_of
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff


def on_card(session: Session, me: SignedInStaff, person_id: int) -> Profile | None:
    """What is on file; None: nothing. Raises NotFound."""
    access_person(session, me, Permission.SEE_PEOPLE, person_id)
    diet = diets.get(session, person_id)
    return None if diet == diets.NOTHING else diet


def write(
    session: Session, me: SignedInStaff, person_id: int, diet: Profile, now: datetime
) -> None:
    """All of it anew; the audit keeps what kind of thing changed, not what. Raises NotFound."""
    person = access_person(session, me, Permission.CHANGE_PEOPLE, person_id)
    changed = diets.write(session, person_id, diet, now)
    if not changed:
        audit.unchanged(session)
        return
    audit.record(
        session, me.staff_id, "person.diet", "person", person_id, after={"changed": changed},
        place_id=place_of(session, me, person),
    )  # fmt: skip
