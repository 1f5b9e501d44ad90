"""What somebody waits for, or was offered, may rule itself out by a place they have elsewhere.

Which places rule which out is for a service to say: it registers a `Rivalry`. Here is where the
line and its offers ask.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from backend.booking.errors import BookingRefused
from backend.db import AnyRow

RULED_OUT = "ruled_out"
"""The reason in the history of whoever left a line because of a place they have elsewhere."""


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A booking in a line, or an offer, that is of no use any more; `held`: because of what.

    `booking` has what `booking.service.end` looks at. `refusal` is what accepting it would say.
    """

    booking: AnyRow
    held: str
    refusal: BookingRefused

    def facts(self) -> dict[str, object]:
        """What the message about it is worded from."""
        return {"ruled_out": self.held, "errcode": self.refusal.errcode}


class Rivalry(Protocol):
    """What a service knows of places that rule each other out."""

    def lines(self, session: Session, booking_id: int) -> Collection[int]:
        """The bookables in whose lines the people of a booking stand and may have to leave.

        Locks those people first, so that nobody gives them something else meanwhile.
        """

    def ruled_out(self, session: Session, *where: ColumnElement[bool]) -> Sequence[RuledOut]:
        """Those of the waiting and offered bookings that a place held elsewhere rules out."""


_RIVALRIES: list[Rivalry] = []


def register(rivalry: Rivalry) -> None:
    """A service's rivalry is asked from now on."""
    _RIVALRIES.append(rivalry)


def lines(session: Session, booking_id: int) -> set[int]:
    """See `Rivalry.lines`."""
    return {one for rivalry in _RIVALRIES for one in rivalry.lines(session, booking_id)}


def ruled_out(session: Session, *where: ColumnElement[bool]) -> list[RuledOut]:
    """See `Rivalry.ruled_out`."""
    return [one for rivalry in _RIVALRIES for one in rivalry.ruled_out(session, *where)]
