"""The draw is drawn: once, from the fixed list; winners have their places, the others wait.

All of it happens in one transaction: bookings, counters, history, messages, reasons and the file
by which anybody checks it.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.codes import new_code, new_short_code
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.taking import booking, event, reminder
from backend.db import AnyRow, table_of
from backend.night_school.draws import engine, seed, verify
from backend.night_school.draws.engine import Outcome
from backend.night_school.draws.errors import (
    AlreadyDrawn,
    NotClosedYet,
    NumberNotOut,
    PlacesFewer,
)
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.draws.service import lock
from backend.night_school.facts import once_key
from backend.night_school.models import CourseRun, Mode
from backend.reminders import outbox
from backend.reminders.models import Kind

_run = table_of(CourseRun)

CHUNK = 2000
_wish = table_of(DrawWish)
Progress = engine.Progress


@dataclass(slots=True)
class _Taking:
    """What is to be written for one run."""

    won: list[list[AnyRow]] = field(default_factory=list)  # by lot, in drawn order
    waits: list[list[AnyRow]] = field(default_factory=list)


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
    _book(session, draw_id, result, now)
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


def _book(session: Session, draw_id: int, result: dict[str, Any], now: datetime) -> None:
    lots = _lots(session, draw_id)
    run_ids = [run["id"] for run in result["runs"]]
    runs = _lock_runs(session, run_ids)
    live = _live(session, draw_id)
    takings: dict[int, _Taking] = {}
    fates: list[dict[str, Any]] = []
    for run in result["runs"]:
        takings[run["id"]] = taking = _Taking()
        going = runs[run["id"]].cancelled_at is None
        waiting = set(run["line"])
        for position, row in enumerate(run["order"], 1):
            members = lots.get(row["lot"], [])
            fates += [
                {"of": one.id, "for": run["id"], "p": position, "g": row["got"]} for one in members
            ]
            free = [
                one
                for one in members
                if going and one.withdrawn_at is None and (one.person_id, run["id"]) not in live
            ]
            if free and row["got"] == Outcome.WON:
                taking.won.append(free)
            elif free and row["lot"] in waiting:
                taking.waits.append(free)
    if fates:
        session.connection().execute(
            update(_wish)
            .where(_wish.c.application_id == bindparam("of"), _wish.c.run_id == bindparam("for"))
            .values(position=bindparam("p"), got=bindparam("g")),
            fates,
        )
    won = _write(session, runs, takings, State.CONFIRMED, now)
    waits = _write(session, runs, takings, State.WAITING, now)
    _link(session, [*won, *waits])
    _tell(session, draw_id, won, waits, now)
    for run_id, taking in takings.items():
        held, waiting_count = _people(taking.won), _people(taking.waits)
        session.execute(
            update(Bookable)
            .where(Bookable.id == run_id)
            .values(
                taken=Bookable.taken + held, waiting=Bookable.waiting + waiting_count,
                queue_tail=Bookable.queue_tail + waiting_count,
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        if waiting_count:  # what was won by somebody who has withdrawn goes down the line
            line.promote(session, run_id, now)


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
            Bookable.queue_tail, Bookable.starts_at, Bookable.ends_at, Bookable.cancel_until,
            Bookable.cancelled_at,
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


def _write(
    session: Session, runs: dict[int, AnyRow], takings: dict[int, _Taking], state: State,
    now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """The bookings of one state with their history, in the order drawn. Raises PlacesFewer."""
    rows: list[dict[str, Any]] = []
    for run_id, taking in takings.items():
        run = runs[run_id]
        lots = taking.won if state == State.CONFIRMED else taking.waits
        free = None if run.capacity is None else run.capacity + run.overbooked - run.taken
        if state == State.CONFIRMED and free is not None and _people(lots) > free:
            raise PlacesFewer(title=run.title)
        number = run.queue_tail
        for members in lots:
            for one in members:
                number += 1
                rows.append(
                    {
                        "application_id": one.id, "lead": (run_id, members[0].id),
                        "alone": len(members) == 1, "bookable_id": run_id,
                        "person_id": one.person_id, "account_id": one.account_id, "state": state,
                        "once_key": once_key(run_id), "starts_at": run.starts_at,
                        "ends_at": run.ends_at, "cancel_until": run.cancel_until,
                        "queue_no": number if state == State.WAITING else None,
                        "code": new_code(), "short_code": new_short_code(), "created_at": now,
                    }
                )  # fmt: skip
    for start in range(0, len(rows), CHUNK):
        _insert(session, rows[start : start + CHUNK], now)
    _join_parties(session, rows)
    return rows


def _insert(session: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    own = ("application_id", "lead", "alone")
    ids = session.scalars(
        insert(booking).returning(booking.c.id, sort_by_parameter_order=True),
        [{name: value for name, value in row.items() if name not in own} for row in rows],
    ).all()
    for row, booking_id in zip(rows, ids, strict=True):
        row["booking_id"] = booking_id
    session.execute(
        insert(event),
        [
            {"booking_id": row["booking_id"], "at": now, "state": row["state"], "reason": "drawn"}
            for row in rows
        ],
    )


def _join_parties(session: Session, rows: list[dict[str, Any]]) -> None:
    """People of one lot who have or wait for places together are a party."""
    party: dict[Any, int] = {}
    joined = []
    for row in rows:
        if not row["alone"]:
            first = party.setdefault(row["lead"], row["booking_id"])
            joined.append({"one": row["booking_id"], "party": first})
    if joined:
        session.connection().execute(
            update(booking)
            .where(booking.c.id == bindparam("one"))
            .values(party_id=bindparam("party")),
            joined,
        )


def _link(session: Session, rows: list[dict[str, Any]]) -> None:
    """Each wish knows the booking that came of it."""
    if rows:
        session.connection().execute(
            update(_wish)
            .where(_wish.c.application_id == bindparam("of"), _wish.c.run_id == bindparam("for"))
            .values(booking_id=bindparam("b")),
            [
                {"of": row["application_id"], "for": row["bookable_id"], "b": row["booking_id"]}
                for row in rows
            ],
        )


def _tell(
    session: Session, draw_id: int, won: list[dict[str, Any]], waits: list[dict[str, Any]],
    now: datetime,
) -> None:  # fmt: skip
    """A message for each place won; one, of the dearest wish they wait for, for all the others."""
    told = {row["application_id"] for row in won}
    ranks = {
        (row.application_id, row.run_id): row.rank
        for row in session.execute(
            select(DrawWish.application_id, DrawWish.run_id, DrawWish.rank)
            .join(DrawApplication, DrawApplication.id == DrawWish.application_id)
            .where(DrawApplication.draw_id == draw_id)
        )
    }
    dearest: dict[int, dict[str, Any]] = {}
    for row in sorted(waits, key=lambda one: ranks[one["application_id"], one["bookable_id"]]):
        if row["application_id"] not in told:
            dearest.setdefault(row["application_id"], row)
    messages = [
        {
            "kind": kind, "person_id": row["person_id"], "account_id": row["account_id"],
            "booking_id": row["booking_id"], "due_at": outbox.due(now), "created_at": now,
        }
        for kind, rows in ((Kind.BOOKED, won), (Kind.WAITLISTED, dearest.values()))
        for row in rows
    ]  # fmt: skip
    if messages:
        session.execute(insert(reminder), messages)
