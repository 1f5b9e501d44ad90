"""The second read: may this person sign up for the runs on a list, and if not, why not?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.booking import rules
from backend.booking.errors import Full, MissedOften, NeighboursFirst, NotYetOpen, PlacesTooFew
from backend.errors import NotFound, Refusal
from backend.night_school import facts, overlaps
from backend.night_school.facts import Sight
from backend.people import queries as people
from backend.people.queries import Resident

_WORST_FIRST = ("no", "wait", "yes")


def for_runs(
    session: Session, me: Resident, run_ids: Sequence[int], person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """One entry per id asked for, in that order, by the rules that sign-up itself follows.

    `can` is yes, wait (full: the line is open) or no. A fixed number of reads, whatever the number
    of ids. `leaving`: a booking that would be given back and does not count. Raises NotFound for
    people the account may not act for.
    """
    people.check_acts_for(session, me, person_id, clock.today(now))
    sights = facts.for_many(session, run_ids, person_id, now, leaving=leaving)
    clashes = overlaps.for_many(session, run_ids, person_id, now, leaving=leaving)
    return [
        _entry(run_id, sights.get(run_id), clashes.get(run_id, []))
        for run_id in dict.fromkeys(run_ids)
    ]


def _entry(run_id: int, sight: Sight | None, warnings: list[dict[str, Any]]) -> dict[str, Any]:
    found: list[Refusal] = [NotFound()] if sight is None else rules.reasons(sight.facts)
    unknown = any(isinstance(reason, NotFound) for reason in found)
    can = "no" if found else "yes"
    if sight is not None and not found and not sight.has_place:
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


def _from_when(reasons: list[Refusal]) -> str | None:
    """The moment they may sign up, if that is all there is to wait for."""
    waits = (NotYetOpen, NeighboursFirst, MissedOften)
    if not reasons or not all(isinstance(one, waits) for one in reasons):
        return None
    if any(isinstance(one, MissedOften) and not one.in_time for one in reasons):
        return None
    return clock.rfc3339(max(one.data["opens_at"] for one in reasons))


def _told(reason: Refusal) -> dict[str, Any]:
    """As the refusal of a sign-up would say it."""
    return {"errcode": reason.errcode, "errmsg": str(reason), "data": reason.facts()}
