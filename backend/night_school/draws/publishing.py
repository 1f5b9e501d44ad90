"""The draw is drawn: once, from the fixed list; winners have their places, the others wait.

With its public number the result stands, though nobody has worked it out yet. It is published in
one transaction: bookings, counters, history, messages, reasons and the file by which anybody checks
it. A large one takes seconds, so `working` does it outside of anybody's request.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.night_school.draws import engine, seed, verify, writing
from backend.night_school.draws.engine import Outcome
from backend.night_school.draws.errors import AlreadyDrawn, NotClosedYet, NumberNotOut
from backend.night_school.draws.models import Draw, DrawWork
from backend.night_school.draws.service import lock
from backend.night_school.models import CourseRun, Mode

_run = table_of(CourseRun)
Progress = engine.Progress


@dataclass(frozen=True, slots=True)
class Dealt:
    """A draw dealt in memory: the list, its digest, the seed's parts and what comes of them."""

    entries: dict[str, Any]
    entries_sha256: str
    secret: str
    public_number: str
    seed: bytes
    result: dict[str, Any]


def give_number(session: Session, draw_id: int, public_number: str, now: datetime) -> None:
    """Take the public number, once and for good: from now on the result stands.

    Raises NotFound, NotClosedYet, AlreadyDrawn, NumberNotOut.
    """
    draw = lock(session, draw_id)
    if draw.public_number is not None:
        raise AlreadyDrawn()
    if draw.closed_at is None:
        raise NotClosedYet()
    if now < draw.number_at:
        raise NumberNotOut(number_at=draw.number_at)
    session.execute(update(Draw).where(Draw.id == draw_id).values(public_number=public_number))
    session.execute(insert(DrawWork).values(draw_id=draw_id, asked_at=now))


def deal(session: Session, draw_id: int, progress: Progress = engine.silent) -> Dealt | None:
    """What comes of the fixed list and the number; None where there is nothing (more) to draw."""
    kept = session.execute(
        select(Draw.entries, Draw.entries_sha256, Draw.secret, Draw.public_number).where(
            Draw.id == draw_id, Draw.public_number.is_not(None), Draw.drawn_at.is_(None)
        )
    ).first()
    if kept is None:
        return None
    entries = json.loads(kept.entries)
    assert seed.digest(entries) == kept.entries_sha256, "the fixed list was changed"
    by = seed.seed_of(kept.secret, kept.public_number)
    result = engine.deal(entries, by, progress)
    return Dealt(entries, kept.entries_sha256, kept.secret, kept.public_number, by, result)


def publish(
    session: Session, draw_id: int, dealt: Dealt, now: datetime,
    progress: Progress = engine.silent,
) -> dict[str, Any] | None:  # fmt: skip
    """Book and publish what was dealt; the tally per run, None if it was done already.

    Raises NotFound, PlacesFewer.
    """
    draw = lock(session, draw_id)
    if draw.drawn_at is not None:
        return None
    writing.book(session, draw_id, dealt.result, now, progress)
    tally = tally_of(dealt.entries, dealt.result)
    file = {
        "format": verify.FORMAT,
        "commitment": draw.commitment,
        "entries": dealt.entries,
        "entries_sha256": dealt.entries_sha256,
        "public_number": dealt.public_number,
        "secret": dealt.secret,
        "seed": dealt.seed.hex(),
        "result": dealt.result,
    }
    session.execute(
        update(Draw)
        .where(Draw.id == draw_id)
        .values(drawn_at=now, tally=tally, file=seed.canonical(file))
    )
    session.execute(
        update(_run)
        .where(_run.c.draw_id == draw_id)
        .values(mode=Mode.FIRST_COME)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(DrawWork).where(DrawWork.draw_id == draw_id))
    return tally


def finish(session: Session, draw_id: int, now: datetime) -> dict[str, Any] | None:
    """Deal and publish in one go, where nobody has done it yet. Raises NotFound, PlacesFewer."""
    dealt = deal(session, draw_id)
    return None if dealt is None else publish(session, draw_id, dealt, now)


def tally_of(entries: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """By run: places, people who applied and won, lots, and the last position with a place."""
    sizes: dict[str, int] = defaultdict(int)
    for one in entries["applications"]:
        sizes[one["together"] or one["code"]] += 1
    places = {run["id"]: run["places"] for run in entries["runs"]}
    tally = {}
    for run in result["runs"]:
        won = [n for n, row in enumerate(run["order"], 1) if row["got"] == Outcome.WON]
        tally[str(run["id"])] = {
            "places": places[run["id"]],
            "applied": sum(sizes[row["lot"]] for row in run["order"]),
            "lots": len(run["order"]),
            "won": sum(sizes[run["order"][n - 1]["lot"]] for n in won),
            "last": won[-1] if won else 0,
        }
    return tally
