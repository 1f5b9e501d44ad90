"""One entry after the other: applied, kept because it cannot be, or a conflict for staff.

What somebody else changed after the device had seen it is not overwritten. What the device itself
left behind is its own: with a wrong clock it may well believe something else, late for present.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.errors import NotHeld
from backend.booking.models import Booking
from backend.db import AnyRow
from backend.errors import Refusal
from backend.night_school import attendance, checkin, marks
from backend.night_school.errors import ChangedMeanwhile, CodeOfSeveral, NothingToUndo
from backend.night_school.models import CheckInBy, Presence
from backend.night_school.uploads.models import Decision, Kind, Outcome, UploadedEntry
from backend.night_school.wording import word

_TRIES = 3
"""How often an entry is held against the mark, should others tap at that very moment."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done on a device; `at` by its own clock until that is put right."""

    nonce: str
    kind: Kind
    at: datetime
    booking_id: int | None = None
    presence: Presence | None = None
    code: str | None = None
    seen: Presence | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an entry that wanted a mark: what was `found`, and what was `left`."""

    outcome: Outcome
    refusal: Refusal | None = None
    booking_id: int | None = None
    wanted: str | None = None
    found: str | None = None
    left: str | None = None


class Applying:
    """An upload under way."""

    def __init__(
        self, session: Session, lesson_id: int, run_id: int, device: str, staff_id: int,
        now: datetime,
    ) -> None:  # fmt: skip
        self.session = session
        self.lesson_id = lesson_id
        self.run_id = run_id
        self.device = device
        self.staff_id = staff_id
        self.now = now
        self._own = self._left_before()

    def _mine(self) -> tuple[Any, ...]:
        return (UploadedEntry.lesson_id == self.lesson_id, UploadedEntry.device == self.device)

    def _left_before(self) -> dict[int | None, str | None]:
        """The marks as this device left them, with earlier uploads."""
        rows = self.session.execute(
            select(UploadedEntry.booking_id, UploadedEntry.left)
            .where(*self._mine(), UploadedEntry.outcome == Outcome.DONE)
            .order_by(UploadedEntry.id)
        )
        return {row.booking_id: row.left for row in rows}

    def apply(self, entry: Entry) -> Result:
        """Apply the entry, whose time was put right, if that can be done."""
        try:
            result = self._undo(entry) if entry.kind == Kind.UNDO else self._set(entry)
        except NothingToUndo as refusal:
            return Result(Outcome.REFUSED, refusal)
        if result.outcome in (Outcome.DONE, Outcome.CONFLICT):
            self._give_way(entry, result.booking_id)
        if result.outcome == Outcome.DONE:
            self._own[result.booking_id] = result.left
        return result

    def _set(self, entry: Entry) -> Result:
        """A tap or a scan; what a rule refuses is kept, unless it is about nobody of this class."""
        booking_id = None
        try:
            if entry.kind == Kind.SCAN:
                booking = self._find(entry)
                booking_id = booking.id
                checkin.check_of_this_class(booking, self.run_id)
            elif (booking_id := self._of_this_class(entry.booking_id)) is None:
                return Result(Outcome.REFUSED, NotHeld())
            lesson = attendance.open_lesson(self.session, self.lesson_id)
            if entry.kind == Kind.SCAN:
                attendance.check_open(lesson, entry.at)
            attendance.check_markable(self.session, lesson, booking_id, entry.presence, entry.at)
        except Refusal as refusal:
            return Result(Outcome.KEPT, refusal, booking_id, entry.presence)
        return self._write(lesson, entry, booking_id)

    def _find(self, entry: Entry) -> AnyRow:
        found = checkin.find(self.session, self.run_id, entry.code or "")
        chosen = [row for row in found if row.id == entry.booking_id]
        if len(found) > 1 and not chosen:
            raise CodeOfSeveral()
        return (chosen or found)[0]

    def _of_this_class(self, booking_id: int | None) -> int | None:
        return self.session.scalar(
            select(Booking.id).where(Booking.id == booking_id, Booking.bookable_id == self.run_id)
        )

    def _write(self, lesson: AnyRow, entry: Entry, booking_id: int) -> Result:
        scanned = entry.kind == Kind.SCAN
        wanted = str(attendance.presence_at(lesson, entry.at)) if scanned else entry.presence
        found: str | None = None
        for _try in range(_TRIES):
            [found] = marks.presence_of(self.session, self.lesson_id, [booking_id]).values()
            if found == wanted or (scanned and found in attendance.CAME):
                return Result(Outcome.DONE, None, booking_id, wanted, found, found)
            if found != entry.seen and found != self._own.get(booking_id, entry.seen):
                break
            if marks.replace(
                self.session, self.lesson_id, booking_id, found, wanted,
                CheckInBy.RESIDENT_CODE if scanned else CheckInBy.TAP, self.staff_id, entry.at,
            ):  # fmt: skip
                attendance.note(
                    self.session, self.staff_id, f"attendance.{entry.kind}", lesson,
                    {booking_id: found}, wanted, self.device, entry.at,
                )  # fmt: skip
                return Result(Outcome.DONE, None, booking_id, wanted, found, wanted)
        refusal = ChangedMeanwhile(found=word(found))
        return Result(Outcome.CONFLICT, refusal, booking_id, wanted, found, found)

    def _undo(self, entry: Entry) -> Result:
        """Take back the last thing done on this device: what waits for a decision, or a mark."""
        booking_id = self._of_this_class(entry.booking_id)
        change = checkin.last_change(
            self.session, self.lesson_id, self.device, entry.at, booking_id
        )
        waiting = self._last_waiting(entry)
        if waiting is not None and (change is None or waiting.at >= checkin.made_at(change)):
            self._decide(Decision.UNDONE, UploadedEntry.id == waiting.id)
        elif not checkin.undo(
            self.session, self.lesson_id, self.staff_id, self.device, entry.at, booking_id
        ):
            raise NothingToUndo()
        if booking_id is None:
            return Result(Outcome.DONE)
        [left] = marks.presence_of(self.session, self.lesson_id, [booking_id]).values()
        return Result(Outcome.DONE, None, booking_id, left=left)

    def _last_waiting(self, entry: Entry) -> AnyRow | None:
        whose = [UploadedEntry.booking_id == entry.booking_id] if entry.booking_id else []
        return self.session.execute(
            select(UploadedEntry.id, UploadedEntry.at)
            .where(
                *self._mine(),
                *whose,
                UploadedEntry.outcome.in_((Outcome.CONFLICT, Outcome.KEPT)),
                UploadedEntry.decided_at.is_(None),
                UploadedEntry.at >= entry.at - checkin.UNDO_WITHIN,
            )
            .order_by(UploadedEntry.id.desc())
            .limit(1)
        ).first()

    def _give_way(self, entry: Entry, booking_id: int | None) -> None:
        """Of a device's conflicts about one mark only the last is worth deciding."""
        if entry.kind != Kind.UNDO:
            self._decide(Decision.LATER, UploadedEntry.booking_id == booking_id)

    def _decide(self, decision: Decision, which: Any) -> None:
        self.session.execute(
            update(UploadedEntry)
            .where(
                *self._mine(),
                which,
                UploadedEntry.outcome.in_((Outcome.CONFLICT, Outcome.KEPT)),
                UploadedEntry.decided_at.is_(None),
            )
            .values(decision=decision, decided_at=self.now, decided_by=self.staff_id)
            .execution_options(synchronize_session=False)
        )
