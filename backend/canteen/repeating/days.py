"""What becomes of each coming day of a standing order: one word for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import HELD, LIVE, Bookable
from backend.canteen import calendar
from backend.canteen.calendar import CanteenCalendar
from backend.canteen.models import Canteen, CanteenMeal, MealService
from backend.canteen.repeating.models import Outcome
from backend.db import AnyRow, table_of
from backend.places.models import Place

_service, _bookable = table_of(MealService), table_of(Bookable)


class DayState(StrEnum):
    """What becomes of a day."""

    MADE = "made"
    GIVEN_BACK = "given_back"
    OWN = "own"  # ordered, or given back, by themselves
    LEFT_OUT = "left_out"  # tried, and not to be had: the outcome says why
    SKIPPED = "skipped"
    RESTS = "rests"
    NOT_SERVED = "not_served"  # the canteen does not cook that day, or has called the meal off
    TOO_LATE = "too_late"  # closed before anything was ordered
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class Served:
    """A meal of a day at a canteen: on show (`service`) or not, and when its orders close."""

    service: AnyRow | None
    serves: bool
    closes_at: datetime | None

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing changes any more; exactly at the cut-off it is closed."""
        return not self.serves or (self.closes_at is not None and self.closes_at <= now)


@dataclass(frozen=True, slots=True)
class Plans:
    """The meals of some canteens for some days: those on show, else by calendar and cut-off."""

    shown: Mapping[tuple[int, str, date], AnyRow]
    cutoffs: Mapping[tuple[int, str], AnyRow]
    calendars: Mapping[int, CanteenCalendar]

    def served(self, canteen_id: int, meal: str, day: date) -> Served:
        """What there is to know of the meal of a day."""
        if (service := self.shown.get((canteen_id, meal, day))) is not None:
            return Served(service, service.cancelled_at is None, service.closes_at)
        serving, cutoff = self.calendars[canteen_id], self.cutoffs.get((canteen_id, meal))
        if cutoff is None or not serving.serves(day):
            return Served(None, serves=False, closes_at=None)
        closes_at = serving.closes(day, cutoff.cutoff_days, cutoff.cutoff_minute)
        return Served(None, serves=True, closes_at=closes_at)


def plans_of(
    session: Session, canteen_ids: Sequence[int], first: date, last: date, now: datetime
) -> Plans:
    """Three reads, and three for each canteen."""
    theirs = _service.c.canteen_id.in_(canteen_ids)
    shown = session.execute(
        select(
            _service.c.id, _service.c.canteen_id, _service.c.meal, _service.c.day,
            _bookable.c.closes_at, _bookable.c.cancelled_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(theirs, _service.c.day.between(first, last), _bookable.c.published_at <= now)
    )  # fmt: skip
    cutoffs = session.execute(
        select(
            CanteenMeal.canteen_id, CanteenMeal.meal, CanteenMeal.cutoff_days,
            CanteenMeal.cutoff_minute,
        ).where(CanteenMeal.canteen_id.in_(canteen_ids))
    )  # fmt: skip
    canteens = session.execute(
        select(Canteen.id, Canteen.weekdays, Canteen.on_holidays, Place.path)
        .join(Place, Place.id == Canteen.place_id)
        .where(Canteen.id.in_(canteen_ids))
    ).all()
    return Plans(
        {(row.canteen_id, row.meal, row.day): row for row in shown},
        {(row.canteen_id, row.meal): row for row in cutoffs},
        {row.id: calendar.of_canteen(session, row, first, last) for row in canteens},
    )


def state_of(
    served: Served, became: AnyRow | None, now: datetime, *, skipped: bool, rests: bool
) -> DayState:
    """What becomes of the day; `became`: what the last try came to, with its booking's `state`."""
    if became is not None and became.state in (*LIVE, *HELD):
        return DayState.MADE
    if not served.serves:
        return DayState.NOT_SERVED
    if became is not None and became.outcome == Outcome.MADE:
        return DayState.GIVEN_BACK
    if skipped:
        return DayState.SKIPPED
    if rests:
        return DayState.RESTS
    if became is not None:
        return DayState(became.outcome)
    return DayState.TOO_LATE if served.is_closed(now) else DayState.COMING
