"""A claim as it would be frozen now: a line a meal, and what is still to be decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from backend.booking.models import HELD
from backend.canteen.claims import eaten, flags
from backend.canteen.claims.eaten import Scope
from backend.canteen.claims.flags import Flagged
from backend.canteen.claims.models import Why
from backend.db import AnyRow


@dataclass(frozen=True, slots=True)
class Line:
    """One meal, and what is asked for it or given back, in fen."""

    booking_id: int
    person_id: int
    canteen_id: int
    day: date
    meal: str
    version_id: int | None
    why: Why
    fen: int


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines in their order, and the meals with flags."""

    lines: Sequence[Line]
    flagged: Sequence[Flagged]

    @property
    def open(self) -> int:
        """How many meals still have to be decided."""
        return sum(one.is_open for one in self.flagged)

    @property
    def meals(self) -> int:
        """Meals of the claim's own days."""
        return sum(one.why is Why.MEAL for one in self.lines)

    @property
    def corrections(self) -> int:
        """Lines about earlier claims."""
        return len(self.lines) - self.meals

    @property
    def fen(self) -> int:
        """What the layer is asked for in all."""
        return sum(one.fen for one in self.lines)


def read(session: Session, scope: Scope) -> Draft:
    """What the claim is as things stand; five reads or so."""
    flagged = flags.read(session, scope)
    left_out = {one.row.booking_id for one in flagged if one.claims is False}
    undecided = {one.row.booking_id for one in flagged if one.is_open}
    lines = []
    for row in eaten.changed(session, scope, left_out):
        if row.booking_id in undecided:
            continue
        owed = 0 if row.booking_id in left_out else int(row.owed)
        if fen := owed - int(row.claimed):
            why = _why(row, owed, is_own=scope.has(row.day), left_out=row.booking_id in left_out)
            lines.append(
                Line(
                    row.booking_id, row.person_id, row.canteen_id, row.day, row.meal,
                    row.version_id, why, fen,
                )
            )  # fmt: skip
    return Draft(lines, flagged)


def _why(row: AnyRow, owed: int, *, is_own: bool, left_out: bool) -> Why:
    if row.claimed == 0:
        return Why.MEAL if is_own else Why.LATE
    if left_out:
        return Why.LEFT_OUT
    if owed:
        return Why.CHANGED
    if row.state not in HELD:
        return Why.CANCELLED
    return Why.REFUNDED if row.is_served else Why.UNDONE
