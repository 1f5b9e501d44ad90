"""The second read: may this person sign up for the runs on a list, and if not, why not?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.booking import rules
from backend.booking.errors import (
    Closed,
    Drawn,
    Full,
    MissedOften,
    NeighboursFirst,
    NotYetOpen,
    PlacesTooFew,
)
from backend.errors import NotFound, Refusal
from backend.night_school import facts, overlaps
from backend.night_school.draws.service import APPLY_RULES
from backend.night_school.facts import Sight
from backend.people import queries as people
from backend.people.queries import Resident

_WORST_FIRST = ("no", "wait", "yes")


def for_runs(
    session: Session, me: Resident, run_ids: Sequence[int], person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """One entry per id asked for, in that order, by the rules that sign-up itself follows.

    `can` is yes, wait (full: the line is open), apply (places are drawn, and one may apply now) or
    no. A fixed number of reads, whatever the number of ids. `leaving`: a booking that would be
    given back for one of them and does not count; no draw is any use then. Raises NotFound for
    people the account may not act for.
    """
    people.check_acts_for(session, me, person_id, clock.today(now))
    sights = facts.for_many(session, run_ids, person_id, now, leaving=leaving)
    clashes = overlaps.for_many(session, run_ids, person_id, now, leaving=leaving)
    return [
        _entry(run_id, sights.get(run_id), clashes.get(run_id, []), changes=leaving is not None)
        for run_id in dict.fromkeys(run_ids)
    ]


def _entry(
    run_id: int, sight: Sight | None, warnings: list[dict[str, Any]], *, changes: bool
) -> dict[str, Any]:
    drawn = sight is not None and sight.facts.draw_id is not None and not changes
    found = _found(sight, drawn=drawn)
    unknown = any(isinstance(reason, NotFound) for reason in found)
    can = "no" if found else "apply" if drawn else "yes"
    if can == "yes" and sight is not None and not sight.has_place:
        can, found = "wait", [Full()]
    return {
        "id": run_id,
        "can": can,
        "reasons": [_told(reason) for reason in (found[:1] if unknown else found)],
        "from_when": _from_when(found),
        "live_booking_id": sight.facts.live_booking_id if sight else None,
        "warnings": [] if unknown else warnings,
    }


def for_all(said: Sequence[dict[str, Any]], places_left: int | None) -> dict[str, Any]:
    """Of what one run says to each of some people, what it says to all of them together."""
    worst = min(said, key=lambda one: _WORST_FIRST.index(one["can"]))
    together = worst | {"warnings": [found for one in said for found in one["warnings"]]}
    if worst["can"] == "yes" and places_left is not None and places_left < len(said):
        few = PlacesTooFew(places_left=places_left, people=len(said))
        together |= {"can": "wait", "reasons": [_told(few)]}
    return together


def _found(sight: Sight | None, *, drawn: bool) -> list[Refusal]:
    """What is against it: of a draw, what applying would say."""
    if sight is None:
        return [NotFound()]
    if not drawn:
        return rules.reasons(sight.facts)
    known = sight.facts
    found = rules.reasons(known, rules=APPLY_RULES)
    if not found and known.apply_until is not None and known.now >= known.apply_until:
        return [Closed(closes_at=known.apply_until)]
    if not found and known.apply_from is not None and known.now < known.apply_from:
        return rules.reasons(known, rules=[rules.is_first_come])
    return found


def _from_when(reasons: list[Refusal]) -> str | None:
    """The moment they may sign up or apply, if that is all there is to wait for."""
    waits = (NotYetOpen, NeighboursFirst, MissedOften, Drawn)
    if not reasons or not all(isinstance(one, waits) for one in reasons):
        return None
    if any(isinstance(one, MissedOften) and not one.in_time for one in reasons):
        return None
    return clock.rfc3339(max(one.data["opens_at"] for one in reasons))


def _told(reason: Refusal) -> dict[str, Any]:
    """As the refusal of a sign-up would say it."""
    return {"errcode": reason.errcode, "errmsg": str(reason), "data": reason.facts()}
