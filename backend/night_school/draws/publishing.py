"""The draw is drawn: once, from the fixed list; winners have their places, the others wait.

All of it happens in one transaction: bookings, counters, history, messages, reasons and the file
by which anybody checks it.
"""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.night_school.draws import engine, seed, verify, writing
from backend.night_school.draws.engine import Outcome
from backend.night_school.draws.errors import AlreadyDrawn, NotClosedYet, NumberNotOut
from backend.night_school.draws.models import Draw
from backend.night_school.draws.service import lock
from backend.night_school.models import CourseRun, Mode

_run = table_of(CourseRun)
Progress = engine.Progress


def conduct(
    session: Session, draw_id: int, public_number: str, now: datetime,
    progress: Progress = engine.silent,
) -> dict[str, Any]:  # fmt: skip
    """Draw, book and publish; the tally per run.

    Raises NotFound, NotClosedYet, AlreadyDrawn, NumberNotOut, PlacesFewer.
    """
    draw = lock(session, draw_id)
    if draw.drawn_at is not None:
        raise AlreadyDrawn()
    if draw.closed_at is None:
        raise NotClosedYet()
    if now < draw.number_at:
        raise NumberNotOut(number_at=draw.number_at)
    kept = session.execute(
        select(Draw.entries, Draw.entries_sha256, Draw.secret).where(Draw.id == draw_id)
    ).one()
    assert kept.entries is not None
    assert kept.secret is not None
    entries = json.loads(kept.entries)
    assert seed.digest(entries) == kept.entries_sha256, "the fixed list was changed"
    by = seed.seed_of(kept.secret, public_number)
    result = engine.deal(entries, by, progress)
    writing.book(session, draw_id, result, now, progress)
    tally = tally_of(entries, result)
    file = {
        "format": verify.FORMAT,
        "commitment": draw.commitment,
        "entries": entries,
        "entries_sha256": kept.entries_sha256,
        "public_number": public_number,
        "secret": kept.secret,
        "seed": by.hex(),
        "result": result,
    }
    session.execute(
        update(Draw)
        .where(Draw.id == draw_id)
        .values(public_number=public_number, drawn_at=now, tally=tally, file=seed.canonical(file))
    )
    session.execute(
        update(_run)
        .where(_run.c.draw_id == draw_id)
        .values(mode=Mode.FIRST_COME)
        .execution_options(synchronize_session=False)
    )
    return tally


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
