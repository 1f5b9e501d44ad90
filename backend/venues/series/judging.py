"""Which dates of a series can be, by the rules that each single reservation follows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from backend import clock
from backend.booking.models import State
from backend.errors import Refusal
from backend.places.models import OccupantKind
from backend.venues import rules
from backend.venues.asked import Rule, RuleSet, Use
from backend.venues.counting import Had
from backend.venues.errors import DatesClash, SeriesByStaff, TooManyDates
from backend.venues.facts import Known, Question, Slot

OF_WHO = (
    rules.is_for_residents, rules.is_for_more_than_groups, rules.lives_near_enough,
    rules.group_is_near_enough,
)  # fmt: skip
"""Whether they may reserve the room at all."""

NEW = 0
"""The id of a series that is not there yet."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One date, and why it cannot be, if it cannot."""

    slot: Slot
    question: Question
    refusal: Refusal | None


def judge(
    known: Known, slots: Sequence[Slot], *, passing: frozenset[Rule], series_id: int = NEW,
    leaving: Collection[int] = (),
) -> list[Judged]:  # fmt: skip
    """Each date in turn: those before it that can be are there already when it is judged.

    `leaving`: bookings that move, and so are in nobody's way. Rules in `passing` are not asked.
    """
    uses: list[Use] = []
    had: list[Had] = []
    found: list[Judged] = []
    for number, slot in enumerate(slots, 1):
        question = known.about(slot, leaving=leaving, series_id=series_id, uses=uses, had=had)
        refusal = next(iter(rules.reasons(question.asked, _asked(passing))), None)
        found.append(Judged(slot, question, refusal))
        if refusal is None:
            uses.append(_use(slot, -number, question.sheet.rules))
            had.append(_had(slot, -number, series_id))
    return found


def check_count(known: Known, slots: Sequence[Slot]) -> None:
    """So many dates residents may have in a series. Raises SeriesByStaff, TooManyDates.

    Who may not reserve the room at all is told that instead.
    """
    asked = known.about(slots[0], series_id=NEW).asked
    rules.check(asked, OF_WHO)
    if not asked.rules.series_dates:
        raise SeriesByStaff()
    if len(slots) > asked.rules.series_dates:
        raise TooManyDates(most=asked.rules.series_dates)


def check_all(judged: Sequence[Judged]) -> None:
    """All or nothing. Raises DatesClash; what stands against every date by itself."""
    against = [one for one in judged if one.refusal is not None]
    if len(against) == len(judged) and len({type(one.refusal) for one in against}) == 1:
        raise against[0].refusal  # type: ignore[misc]
    if against:
        raise DatesClash(count=len(against), dates=shown(against)["dates"])


def shown(judged: Sequence[Judged]) -> dict[str, Any]:
    """The dates as a preview shows them."""
    return {
        "possible": sum(one.refusal is None for one in judged),
        "approval": judged[0].question.sheet.rules.approval,
        "dates": [
            {
                "starts_at": clock.rfc3339(one.slot.starts_at),
                "ends_at": clock.rfc3339(one.slot.ends_at),
                "errcode": 0 if one.refusal is None else one.refusal.errcode,
                "errmsg": "" if one.refusal is None else str(one.refusal),
            }
            for one in judged
        ],
    }  # fmt: skip


def _asked(passing: frozenset[Rule]) -> Sequence[Rule]:
    return [rule for rule in rules.RULES if rule not in passing]


def _use(slot: Slot, number: int, ruled: RuleSet) -> Use:
    return Use(
        slot.starts_at, slot.ends_at, OccupantKind.RESERVATION, number, ruled.buffer_before,
        ruled.buffer_after,
    )  # fmt: skip


def _had(slot: Slot, number: int, series_id: int) -> Had:
    return Had(number, State.CONFIRMED, slot.starts_at, slot.ends_at, 1, 1, str(series_id))
