"""When somebody was born: packages that have worked out ages by it hear of a correction."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.people.models import Person

Follow = Callable[[Session, Sequence[int]], None]
"""What was worked out for these people holds no longer."""

_followers: list[Follow] = []


def follows(follow: Follow) -> Follow:
    """Register `follow`, to be called in the transaction of every correction."""
    _followers.append(follow)
    return follow


def corrected(session: Session, person_id: int) -> None:
    """Tell those who follow that this person's birth date has been corrected.

    Their row is held first: nobody signs them up meanwhile.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    for follow in _followers:
        follow(session, [person_id])
