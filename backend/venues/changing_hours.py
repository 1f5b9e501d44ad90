"""Before opening hours change: whose reservations would lie outside, seen and confirmed."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from backend.staff.access import SignedInStaff
from backend.venues import endings, outside
from backend.venues.endings import Hit
from backend.venues.errors import WouldBeOutside


@dataclass(slots=True)
class Looked:
    """Who lies outside by what was changed, and not before."""

    hits: Sequence[Hit] = ()
    fingerprint: str = field(default="")


@contextmanager
def looking(session: Session, me: SignedInStaff, now: datetime) -> Iterator[Looked]:
    """Whoever the change within would leave outside, in reach of mine; by time."""
    before = outside.ids(session, me, now)
    found = Looked()
    yield found
    session.flush()
    after = outside.ids(session, me, now) - before
    if after:
        found.hits = endings.list_by_id(session, now, after)
        found.fingerprint = _fingerprint(found.hits)


@contextmanager
def confirmed(session: Session, me: SignedInStaff, shown: str, now: datetime) -> Iterator[None]:
    """The change within leaves exactly those outside whose fingerprint was `shown`, or nobody.

    Raises WouldBeOutside, with them in its `hits`; the door takes the change back.
    """
    with looking(session, me, now) as found:
        yield
    if found.hits and found.fingerprint != shown:
        raise WouldBeOutside(found.hits, found.fingerprint)


def _fingerprint(hits: Sequence[Hit]) -> str:
    tokens = "\n".join(sorted(hit.token for hit in hits))
    return hashlib.blake2b(tokens.encode(), digest_size=12).hexdigest()
