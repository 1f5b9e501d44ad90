"""Attendance taken without a network: applied in the device's order, at its time put right, once.

The device's clock may be hours wrong: what counts is how far off it was when it uploaded. Entries
that cannot be applied are kept for staff, never dropped (applying.py, deciding.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import Refusal
from backend.night_school import marks
from backend.night_school.errors import NonceReused
from backend.night_school.models import Lesson
from backend.night_school.uploads.applying import Applying, Entry, Result
from backend.night_school.uploads.models import Outcome, UploadedEntry
from backend.staff import audit


@dataclass(frozen=True, slots=True)
class Upload:
    """The entries of a device in its own order, and what its clock said when it sent them."""

    device: str
    device_now: datetime
    entries: Sequence[Entry]


def take(
    session: Session, lesson_id: int, upload: Upload, staff_id: int, now: datetime
) -> list[dict[str, Any]]:
    """Apply what a device has kept; of each entry nonce, outcome, sentence, booking_id, presence.

    `repeated` is the outcome of what was uploaded before: it changes nothing. The lesson's row is
    locked, so that uploads follow each other.
    """
    hold(session, lesson_id)
    run_id = session.execute(select(Lesson.run_id).where(Lesson.id == lesson_id)).scalar_one()
    audit.unchanged(session)  # the entries themselves say who uploaded what; marks are audited
    known = _known(session, [entry.nonce for entry in upload.entries])
    applying = Applying(session, lesson_id, run_id, upload.device, staff_id, now)
    told = []
    for entry in upload.entries:
        if entry.nonce in known:
            told.append(_again(session, lesson_id, upload.device, known[entry.nonce]))
            continue
        result = _apply(applying, entry, now - upload.device_now)
        known |= _known(session, [entry.nonce])
        told.append(_told(entry.nonce, str(result.outcome), result))
    return told


def hold(session: Session, lesson_id: int) -> None:
    """Let uploads to one lesson follow each other; SQLite's writers do so anyway."""
    session.execute(select(Lesson.id).where(Lesson.id == lesson_id).with_for_update(key_share=True))


def _known(session: Session, nonces: Sequence[str]) -> dict[str, AnyRow]:
    rows = session.execute(
        select(
            UploadedEntry.nonce, UploadedEntry.lesson_id, UploadedEntry.device,
            UploadedEntry.booking_id,
        ).where(UploadedEntry.nonce.in_(nonces))
    )  # fmt: skip
    return {row.nonce: row for row in rows}


def _again(session: Session, lesson_id: int, device: str, before: AnyRow) -> dict[str, Any]:
    if (before.lesson_id, before.device) != (lesson_id, device):
        return _told(before.nonce, "refused", Result(Outcome.REFUSED, NonceReused()))
    stands = None
    if before.booking_id is not None:
        [stands] = marks.presence_of(session, lesson_id, [before.booking_id]).values()
    return _told(
        before.nonce, "repeated", Result(Outcome.DONE, None, before.booking_id, left=stands)
    )


def _apply(applying: Applying, entry: Entry, off: Any) -> Result:
    """One entry at its time put right, and the row that says what became of it."""
    put_right = entry.at + off
    at = min(put_right, applying.now)
    result = applying.apply(replace(entry, at=at))
    applying.session.execute(
        insert(UploadedEntry).values(
            nonce=entry.nonce,
            lesson_id=applying.lesson_id,
            device=applying.device,
            kind=entry.kind,
            at=at,
            received_at=applying.now,
            clock_off=int(off.total_seconds()),
            clamped=put_right > at,
            booking_id=result.booking_id,
            code=None if result.booking_id else (entry.code or "")[:64] or None,
            presence=result.wanted,
            seen=entry.seen,
            found=result.found,
            left=result.left,
            outcome=result.outcome,
            errcode=result.refusal and result.refusal.errcode,
            staff_id=applying.staff_id,
        )
    )
    return result


def _told(nonce: str, outcome: str, result: Result) -> dict[str, Any]:
    well = {"done": _("已登记。"), "repeated": _("这条记录已经上传过，不重复登记。")}
    return {
        "nonce": nonce,
        "outcome": outcome,
        "sentence": _sentence(result.refusal) or well[outcome],
        "booking_id": result.booking_id,
        "presence": result.left,
    }


def _sentence(refusal: Refusal | None) -> str | None:
    return None if refusal is None else str(refusal)
