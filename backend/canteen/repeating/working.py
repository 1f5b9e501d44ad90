"""Runs over standing orders: canteen by canteen, person by person, each in a transaction.

A run may die anywhere, or run beside another: what is made is made once, and the next goes on.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.repeating.due import due, people_of
from backend.canteen.repeating.making import make_for
from backend.canteen.repeating.models import StandingRun
from backend.db import db, table_of, transactional

log = structlog.get_logger(__name__)

_run = table_of(StandingRun)


def canteens_due(session: Session, now: datetime) -> list[int]:
    """The canteens with standing orders that meals have to be made for."""
    return sorted({row.canteen_id for row in due(session, now)})


def run(canteen_id: int, now: datetime, stopping: Callable[[], bool]) -> int:
    """Make what is due at a canteen, and keep a report of it; how many meals.

    A fault of ours with one person is logged and counted, and ends nothing else.
    """
    people = people_of(due(db.session(), now, canteen_id=canteen_id))
    run_id = transactional(_begin)(canteen_id, len(people), now)
    make = transactional(lambda person_id: make_for(db.session(), person_id, now,
                                                    canteen_id=canteen_id))  # fmt: skip
    made = failed = 0
    left_out: Counter[str] = Counter()
    for person_id in people:
        if stopping():
            break
        try:
            done = make(person_id)
        except Exception:  # one person's fault must not keep all others from eating
            log.exception("standing order failed", person_id=person_id)
            failed += 1
            continue
        made += done.made
        left_out.update(one.why for one in done.left_out)
    transactional(_end)(run_id, made, dict(left_out), failed)
    return made


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
