"""The timed ladder: what is due how long after nobody answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.canteen.welfare.models import Step

LADDER = (Step.CALL, Step.NEIGHBOUR, Step.FAMILY, Step.DUTY)
"""The rungs; a call is due at once, each of the others after the minutes that are set."""

_SAME = {Step.GRID: Step.NEIGHBOUR}


def rungs(opened_at: datetime, minutes: Sequence[int]) -> list[tuple[int, Step, datetime]]:
    """Each rung's number, step and when it is due."""
    after = (0, *minutes)
    return [
        (number, step, opened_at + timedelta(minutes=late))
        for number, (step, late) in enumerate(zip(LADDER, after, strict=True))
    ]


def rung_of(step: Step) -> int:
    """On which rung a step stands: neighbours and the grid worker share one."""
    return LADDER.index(_SAME.get(step, step))
