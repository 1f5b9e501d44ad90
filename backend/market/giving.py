"""Giving queue numbers: each is counted and written at once, so there are no gaps and no doubles.

On PostgreSQL one statement gives one number or a whole batch, and can commit by itself; the rows of
the stalls are locked in the order of their ids, so that two batches never wait in a circle. SQLite,
which knows no writing CTEs, takes two statements a number.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Select

from backend.arrays import Rows
from backend.db import Prepared, UtcDateTime, table_of
from backend.market.models import Stage, Stall, Ticket

_stall, _ticket = table_of(Stall), table_of(Ticket)

_OWN = ("person_id", "account_id", "staff_id", "booking_id", "due_at")
"""What each number brings along: nothing of it has to be known."""

_asking = Rows(
    "asking",
    {"stall_id": _ticket.c.stall_id.type, "place": Integer()}
    | {name: _ticket.c[name].type for name in _OWN},
)


def _combined() -> Select[*tuple[Any, ...]]:
    asking = select(_asking.table).cte("asking")
    open_ones = (
        select(_stall.c.id)
        .where(_stall.c.id.in_(select(asking.c.stall_id)), _stall.c.closed_at.is_(None))
        .order_by(_stall.c.id)
        .with_for_update(key_share=True)
        .cte("open_ones")
    )
    wanted = (
        select(open_ones.c.id, func.count().label("count"))
        .join_from(asking, open_ones, asking.c.stall_id == open_ones.c.id)
        .group_by(open_ones.c.id)
        .cte("wanted")
    )
    counted: CTE = (
        update(_stall)
        .where(_stall.c.id == wanted.c.id)
        .values(last_number=_stall.c.last_number + wanted.c.count)
        .returning(_stall.c.id, (_stall.c.last_number - wanted.c.count).label("before"))
        .cte("counted")
    )
    rows = (
        select(
            counted.c.id, counted.c.before + asking.c.place, *(asking.c[name] for name in _OWN),
            literal(Stage.WAITING.value, _ticket.c.stage.type),
            bindparam("now", type_=UtcDateTime),
        )
        .join_from(asking, counted, asking.c.stall_id == counted.c.id)
        .order_by(asking.c.stall_id, asking.c.place)
    )  # fmt: skip
    given = (
        insert(_ticket)
        .from_select(
            ["stall_id", "number", *_OWN, "stage", "taken_at"], rows, include_defaults=False
        )
        .returning(_ticket.c.id, _ticket.c.stall_id, _ticket.c.number)
        .cte("given")
    )
    return select(given.c.id, given.c.stall_id, given.c.number).order_by(given.c.number)


_GIVE = Prepared(_combined())
_COUNT = (
    update(_stall)
    .where(_stall.c.id == bindparam("stall"), _stall.c.closed_at.is_(None))
    .values(last_number=_stall.c.last_number + 1)
    .returning(_stall.c.last_number)
)
_WRITE = insert(_ticket).returning(_ticket.c.id)


def give(
    session: Session, asked: Sequence[Mapping[str, Any]], now: datetime
) -> list[tuple[int, int] | None]:
    """(ticket, number) for each of `asked`, in their order; None where the stall has closed.

    Each names its `stall_id` and whatever is known of `_OWN`. Raises IntegrityError, and gives
    nobody a number, if somebody among them stands in that line already.
    """
    if session.connection().dialect.name != "postgresql":
        return [_give_one(session, one, now) for one in asked]
    last: Counter[int] = Counter()
    rows = []
    for one in asked:
        last[one["stall_id"]] += 1
        rows.append((one["stall_id"], last[one["stall_id"]], *(one.get(name) for name in _OWN)))
    given: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in _GIVE.all(session, _asking.values(rows) | {"now": now}):
        given[row.stall_id].append((row.id, row.number))
    return [given[stall_id][place - 1] if given[stall_id] else None for stall_id, place, *_ in rows]


def _give_one(session: Session, one: Mapping[str, Any], now: datetime) -> tuple[int, int] | None:
    number = session.execute(_COUNT, {"stall": one["stall_id"]}).scalar()
    if number is None:
        return None
    values = {**one, "number": number, "stage": Stage.WAITING, "taken_at": now}
    return int(session.execute(_WRITE, values).scalar_one()), int(number)
