"""When two entries for one human become one, what they tried in vain is theirs once."""

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session, aliased

from backend.people.merging import Merge, follows
from backend.venues.tries import RefusedTry

_same = aliased(RefusedTry)


@follows
def tries_follow(session: Session, done: Merge) -> None:
    """What both tried counts once."""
    twice = exists().where(
        _same.person_id == done.into_id, _same.room_id == RefusedTry.room_id,
        _same.day == RefusedTry.day, _same.why == RefusedTry.why,
    )  # fmt: skip
    theirs = RefusedTry.person_id == done.from_id
    session.execute(
        delete(RefusedTry).where(theirs, twice).execution_options(synchronize_session=False)
    )
    session.execute(
        update(RefusedTry)
        .where(theirs)
        .values(person_id=done.into_id)
        .execution_options(synchronize_session=False)
    )
