"""When two entries for one human become one, nothing that either must not eat is forgotten."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile, in_order
from backend.canteen.eaters.models import Departure, Diet, PersonCategory, Texture
from backend.canteen.models import Allergen, Trait
from backend.people.merging import Merge, follows


@follows
def eater_follows(session: Session, done: Merge) -> None:
    """Of two diets the stricter holds in all; circumstances follow as they are."""
    gone, kept = diets.get(session, done.from_id), diets.get(session, done.into_id)
    if gone != diets.NOTHING:
        diets.write(session, done.into_id, _both(kept, gone), done.now)
    for statement in (
        delete(Diet).where(Diet.person_id == done.from_id),
        update(PersonCategory)
        .where(PersonCategory.person_id == done.from_id)
        .values(person_id=done.into_id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


@follows
def departure_follows(session: Session, done: Merge) -> None:
    """Of two notes that somebody has gone the earlier holds."""
    both = session.scalars(
        select(Departure)
        .where(Departure.person_id.in_((done.from_id, done.into_id)))
        .order_by(Departure.left_on, Departure.person_id)
    ).all()
    if not both:
        return
    first = both[0]
    kept = {name: getattr(first, name) for name in ("kind", "left_on", "staff_id", "noted_at")}
    for one in both:
        session.delete(one)
    session.flush()
    session.add(Departure(person_id=done.into_id, **kept))
    session.flush()


def _both(kept: Profile, gone: Profile) -> Profile:
    notes = [note for note in (kept.note, gone.note) if note]
    return Profile(
        in_order(Allergen, kept.allergens + gone.allergens),
        tuple(dict.fromkeys(kept.avoids + gone.avoids)),
        in_order(Trait, kept.traits + gone.traits),
        max(Texture(kept.texture), Texture(gone.texture), key=list(Texture).index),
        "；".join(dict.fromkeys(notes)) or None,
    )
