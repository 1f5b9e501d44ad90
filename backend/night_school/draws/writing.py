"""What a draw leaves in the tables: places and lines with their history, messages and reasons.

All of a district's term is written in a few statements over many rows, in one transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import bulk
from backend.booking import line
from backend.booking.codes import new_code, new_short_code
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.taking import bookable, booking, event, reminder
from backend.db import AnyRow, table_of
from backend.night_school.draws import engine
from backend.night_school.draws.engine import Outcome, Progress
from backend.night_school.draws.errors import PlacesFewer
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.facts import once_key
from backend.night_school.models import CourseRun
from backend.reminders import outbox
from backend.reminders.models import Delivery, Kind

_run = table_of(CourseRun)
_wish = table_of(DrawWish)

_BOOKING = (
    "id", "bookable_id", "person_id", "account_id", "party_id", "once_key", "starts_at", "ends_at",
    "cancel_until", "queue_no", "code", "short_code",
)  # fmt: skip
_REMINDER = ("person_id", "account_id", "booking_id")

DRAWN = "drawn"
"""The reason in the history of who got a place or a position in the line by a draw."""


@dataclass(slots=True)
class _Taking:
    """What is to be written for one run: lots in drawn order, each with those who go."""

    won: list[list[AnyRow]] = field(default_factory=list)
    waits: list[list[AnyRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """A booking that is written: whose application, in which run, with a place or in the line."""

    id: int
    run_id: int
    one: AnyRow
    party_id: int | None
    queue_no: int | None


class _Counted:
    """Tells the progress how many of all rows are written."""

    def __init__(self, whole: int, progress: Progress) -> None:
        self._whole, self._progress, self._done = whole, progress, 0

    def __call__(self, count: int) -> None:
        self._done += count
        self._progress("write", self._done, self._whole)


_Fate = tuple[int, int, int, str]
"""Of one wish: its application and run, the position of its lot, and what it got."""


def book(
    session: Session, draw_id: int, result: dict[str, Any], now: datetime,
    progress: Progress = engine.silent,
) -> None:  # fmt: skip
    """Give the places and the positions in the lines; tell everybody. Raises PlacesFewer."""
    runs = _lock_runs(session, [run["id"] for run in result["runs"]])
    takings, fates = _shared_out(session, draw_id, result, runs)
    _check_room(runs, takings)
    count = sum(_people(one.won) + _people(one.waits) for one in takings.values())
    ids = iter(bulk.new_ids(session, booking, count))
    won = [place for run_id, one in takings.items() for place in _seated(ids, run_id, one.won)]
    waits = [
        place
        for run_id, one in takings.items()
        for place in _seated(ids, run_id, one.waits, runs[run_id].queue_tail)
    ]
    dearest = _dearest(session, draw_id, won, waits)
    written = [*won, *waits]
    booked = {(place.one.id, place.run_id): place.id for place in written}
    whole = 2 * len(written) + len(won) + len(dearest) + len(fates) + len(takings)
    counted = _Counted(whole, progress)
    _write(session, runs, won, State.CONFIRMED, now, counted)
    _write(session, runs, waits, State.WAITING, now, counted)
    _tell(session, Kind.BOOKED, won, now, counted)
    _tell(session, Kind.WAITLISTED, dearest, now, counted)
    bulk.update_each(
        session, _wish, ("application_id", "run_id"), ("position", "got", "booking_id"),
        [(*fate, booked.get(fate[:2])) for fate in fates], counted,
    )  # fmt: skip
    bulk.update_each(
        session, bookable, ("id",), ("taken", "waiting", "queue_tail"),
        [_counters(runs[run_id], one) for run_id, one in takings.items()], counted,
    )  # fmt: skip
    for run_id, one in takings.items():
        if one.waits:  # what was won by somebody who has withdrawn goes down the line
            _pass_down(session, run_id, runs[run_id], one, now)


def _shared_out(
    session: Session, draw_id: int, result: dict[str, Any], runs: dict[int, AnyRow]
) -> tuple[dict[int, _Taking], list[_Fate]]:
    """Who of those drawn really goes where, and what each wish got by the draw."""
    lots = _lots(session, draw_id)
    live = _live(session, draw_id)
    takings: dict[int, _Taking] = {}
    fates: list[_Fate] = []
    for run in result["runs"]:
        run_id = run["id"]
        takings[run_id] = taking = _Taking()
        going = runs[run_id].cancelled_at is None
        waiting = set(run["line"])
        for position, row in enumerate(run["order"], 1):
            members = lots.get(row["lot"], [])
            fates += [(one.id, run_id, position, row["got"]) for one in members]
            free = [
                one
                for one in members
                if going and one.withdrawn_at is None and (one.person_id, run_id) not in live
            ]
            if free and row["got"] == Outcome.WON:
                taking.won.append(free)
            elif free and row["lot"] in waiting:
                taking.waits.append(free)
    return takings, fates


def _people(lots: Sequence[Sequence[AnyRow]]) -> int:
    return sum(len(members) for members in lots)


def _lots(session: Session, draw_id: int) -> dict[str, list[AnyRow]]:
    """The applicants of each lot, by its name."""
    lots: dict[str, list[AnyRow]] = defaultdict(list)
    for row in session.execute(
        select(
            DrawApplication.id, DrawApplication.code, DrawApplication.together,
            DrawApplication.person_id, DrawApplication.account_id, DrawApplication.withdrawn_at,
        )
        .where(DrawApplication.draw_id == draw_id)
        .order_by(DrawApplication.code)
    ):  # fmt: skip
        lots[row.together or row.code].append(row)
    return lots


def _lock_runs(session: Session, run_ids: Sequence[int]) -> dict[int, AnyRow]:
    rows = session.execute(
        select(
            Bookable.id, Bookable.title, Bookable.capacity, Bookable.overbooked, Bookable.taken,
            Bookable.waiting, Bookable.queue_tail, Bookable.starts_at, Bookable.ends_at,
            Bookable.cancel_until, Bookable.cancelled_at,
        )
        .where(Bookable.id.in_(run_ids))
        .order_by(Bookable.id)
        .with_for_update()
    )  # fmt: skip
    return {row.id: row for row in rows}


def _live(session: Session, draw_id: int) -> set[tuple[int, int]]:
    """Who of the applicants has a live booking of a run meanwhile, by the desk's hand."""
    rows = session.execute(
        select(Booking.person_id, Booking.bookable_id)
        .join(_run, _run.c.id == Booking.bookable_id)
        .where(_run.c.draw_id == draw_id, Booking.state.in_(LIVE))
    )
    return {(row.person_id, row.bookable_id) for row in rows}


def _free(run: AnyRow) -> int | None:
    return None if run.capacity is None else run.capacity + run.overbooked - run.taken


def _check_room(runs: dict[int, AnyRow], takings: dict[int, _Taking]) -> None:
    """Raise PlacesFewer where more have won than there are places now."""
    for run_id, taking in takings.items():
        free = _free(runs[run_id])
        if free is not None and _people(taking.won) > free:
            raise PlacesFewer(title=runs[run_id].title)


def _seated(
    ids: Iterator[int], run_id: int, lots: Sequence[Sequence[AnyRow]], tail: int | None = None
) -> Iterable[_Place]:
    """The bookings of these lots, in the order drawn; who waits is numbered on from `tail`."""
    for members in lots:
        party_id = None
        for number, one in enumerate(members):
            booking_id = next(ids)
            if number == 0 and len(members) > 1:
                party_id = booking_id
            tail = None if tail is None else tail + 1
            yield _Place(booking_id, run_id, one, party_id, tail)


def _write(
    session: Session, runs: dict[int, AnyRow], places: Sequence[_Place], state: State,
    now: datetime, told: bulk.Told,
) -> None:  # fmt: skip
    """The bookings of one state, with their history."""
    alike = {
        "state": str(state), "quantity": 1, "in_group": False, "on_kept": 0, "rank": 0,
        "created_at": now,
    }  # fmt: skip
    rows = [_row(place, runs[place.run_id]) for place in places]
    bulk.insert_each(session, booking, _BOOKING, rows, alike, told)
    happened = {"at": now, "state": str(state), "reason": DRAWN}
    ids = [(place.id,) for place in places]
    bulk.insert_each(session, event, ("booking_id",), ids, happened, told)


def _row(place: _Place, run: AnyRow) -> tuple[Any, ...]:
    """The columns of `_BOOKING`."""
    one = place.one
    return (
        place.id, place.run_id, one.person_id, one.account_id, place.party_id,
        once_key(place.run_id), run.starts_at, run.ends_at, run.cancel_until, place.queue_no,
        new_code(), new_short_code(),
    )  # fmt: skip


def _dearest(
    session: Session, draw_id: int, won: Sequence[_Place], waits: Sequence[_Place]
) -> list[_Place]:
    """Of everybody who won nothing, the place in the line of the dearest wish they wait for."""
    winners = {place.one.id for place in won}
    ranks = {
        (row.application_id, row.run_id): row.rank
        for row in session.execute(
            select(DrawWish.application_id, DrawWish.run_id, DrawWish.rank)
            .join(DrawApplication, DrawApplication.id == DrawWish.application_id)
            .where(DrawApplication.draw_id == draw_id)
        )
    }
    found: dict[int, _Place] = {}
    for place in sorted(waits, key=lambda place: ranks[place.one.id, place.run_id]):
        if place.one.id not in winners:
            found.setdefault(place.one.id, place)
    return list(found.values())


def _tell(
    session: Session, kind: Kind, places: Sequence[_Place], now: datetime, told: bulk.Told
) -> None:
    alike = {
        "kind": str(kind), "state": str(Delivery.DUE), "due_at": outbox.due(now), "attempts": 0,
        "in_doubt": 0, "created_at": now,
    }  # fmt: skip
    rows = [(place.one.person_id, place.one.account_id, place.id) for place in places]
    bulk.insert_each(session, reminder, _REMINDER, rows, alike, told)


def _counters(run: AnyRow, taking: _Taking) -> tuple[int, int, int, int]:
    waits = _people(taking.waits)
    held = run.taken + _people(taking.won)
    return run.id, held, run.waiting + waits, run.queue_tail + waits


def _pass_down(
    session: Session, run_id: int, run: AnyRow, taking: _Taking, now: datetime
) -> None:  # fmt: skip
    free = _free(run)
    if free is None or free > _people(taking.won):
        line.promote(session, run_id, now)
