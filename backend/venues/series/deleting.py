"""When an account is deleted, what a series was for goes; that the room was used stays."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.people.deleting import Deletion, forgets
from backend.venues.series.models import Series


@forgets
def series_are_blanked(session: Session, done: Deletion) -> None:
    """Titles and wishes are people's own words."""
    session.execute(
        update(Series)
        .where(Series.person_id.in_(done.person_ids))
        .values(title="", purpose=None, wishes=None)
    )
