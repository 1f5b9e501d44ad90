"""Runs over standing orders: canteen by canteen, person by person, each in a transaction.

A run may die anywhere, or run beside another: what is made is made once, and the next goes on.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import structlog
from flask import current_app
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.repeating.due import due, people_of
from backend.canteen.repeating.making import Made, make_for
from backend.canteen.repeating.models import StandingRun
from backend.db import db, table_of, transactional

AT_ONCE = 2
"""For so many people the scheduler makes meals at once; each needs a connection."""

log = structlog.get_logger(__name__)

_run = table_of(StandingRun)


def canteens_due(session: Session, now: datetime) -> list[int]:
    """The canteens with standing orders that meals have to be made for."""
    return sorted({row.canteen_id for row in due(session, now)})


def run(
    canteen_id: int, now: datetime, stopping: Callable[[], bool], *, at_once: int = 1
) -> int:  # fmt: skip
    """Make what is due at a canteen, for so many people at once, and keep a report; how many meals.

    A fault of ours with one person is logged and counted, and ends nothing else.
    """
    people = people_of(due(db.session(), now, canteen_id=canteen_id))
    run_id = transactional(_begin)(canteen_id, len(people), now)
    make = partial(_make, canteen_id=canteen_id, now=now, stopping=stopping)
    done = make(people) if at_once == 1 else _beside(make, people, at_once)
    left_out = Counter(str(one.why) for made in done if made for one in made.left_out)
    count, failed = sum(made.made for made in done if made), done.count(None)
    transactional(_end)(run_id, count, dict(left_out), failed)
    return count


def _make(
    people: Sequence[int], *, canteen_id: int, now: datetime, stopping: Callable[[], bool]
) -> list[Made | None]:
    """What became of each one's meals; None: a fault."""
    make = transactional(make_for)
    done: list[Made | None] = []
    for person_id in people:
        if stopping():
            break
        try:
            done.append(make(db.session(), person_id, now, canteen_id=canteen_id))
        except Exception:  # one person's fault must not keep all others from eating
            log.exception("standing order failed", person_id=person_id)
            done.append(None)
    return done


def _beside(
    make: Callable[[Sequence[int]], list[Made | None]], people: Sequence[int], at_once: int
) -> list[Made | None]:
    """While the database works on one person's meals, the next one's are made ready."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def share(number: int) -> list[Made | None]:
        with app.app_context():
            return make(people[number::at_once])

    with ThreadPoolExecutor(at_once, "standing") as pool:
        return [made for part in pool.map(share, range(at_once)) for made in part]


def _begin(canteen_id: int, people: int, now: datetime) -> int:
    values = {"canteen_id": canteen_id, "began_at": now, "people": people}
    return int(db.session().scalars(insert(_run).values(values).returning(_run.c.id)).one())


def _end(run_id: int, made: int, left_out: dict[str, int], failed: int) -> None:
    """Where another run had made everything there is nothing to report."""
    session, mine = db.session(), _run.c.id == run_id
    if not made and not left_out and not failed:
        session.execute(delete(_run).where(mine))
        return
    session.execute(
        update(_run)
        .where(mine)
        .values(ended_at=clock.now(), made=made, left_out=left_out, failed=failed)
    )
