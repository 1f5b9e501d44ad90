"""Taking places for many at once: a whole batch in one statement that PostgreSQL commits alone.

The rows of the bookables are locked in the order of their ids, so that two batches never wait for
each other in a circle. Those who want the same one stand in the order they came; as many are taken
as there is room for, each with booking, history and reminder as `taking.take` writes them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Select

from backend.arrays import Rows
from backend.booking.taking import (
    NOW,
    N,
    bookable,
    booking,
    given,
    has_room,
    is_open,
    nobody_waits,
    noted,
    told,
)
from backend.db import Prepared

_OWN = (
    "person_id", "account_id", "once_key", "code", "short_code", "idempotency_key",
    "idempotency_hash",
)  # fmt: skip
"""What each brings along; the rest is the same for all."""

_asking = Rows(
    "asking",
    {"row_id": bookable.c.id.type, "place": Integer()}
    | {name: booking.c[name].type for name in _OWN},
)


def _combined() -> Select[*tuple[Any, ...]]:
    asking = select(_asking.table).cte("asking")
    free = (
        select(
            bookable.c.id,
            func.coalesce(
                bookable.c.capacity
                + bookable.c.overbooked
                - bookable.c.taken
                - (bookable.c.kept - bookable.c.kept_taken),
                2**31 - 1,
            ).label("free"),
        )
        .where(
            bookable.c.id.in_(select(asking.c.row_id)), has_room(bookable), nobody_waits, is_open
        )
        .order_by(bookable.c.id)
        .with_for_update(key_share=True)
        .cte("free")
    )
    fitting = (
        select(free.c.id, func.count().label("count"), func.max(free.c.free).label("free"))
        .join_from(asking, free, asking.c.row_id == free.c.id)
        .where(asking.c.place <= free.c.free)
        .group_by(free.c.id)
        .cte("fitting")
    )
    won: CTE = (
        update(bookable)
        .where(bookable.c.id == fitting.c.id)
        .values(taken=bookable.c.taken + fitting.c.count)
        .returning(
            bookable.c.id, bookable.c.starts_at, bookable.c.ends_at, bookable.c.cancel_until,
            fitting.c.free,
        )
        .cte("won")
    )  # fmt: skip
    booked = (
        insert(booking)
        .from_select(
            ["bookable_id", "starts_at", "ends_at", "cancel_until", *_OWN, "state", "quantity",
             "created_at"],
            select(
                won.c.id, won.c.starts_at, won.c.ends_at, won.c.cancel_until,
                *(asking.c[name] for name in _OWN), *given(booking, "state"), N, NOW,
            )
            .join_from(asking, won, asking.c.row_id == won.c.id)
            .where(asking.c.place <= won.c.free),
            include_defaults=False,
        )
        .returning(booking.c.id, booking.c.person_id, booking.c.account_id, booking.c.code)
        .cte("booked")
    )  # fmt: skip
    return select(booked.c.id, booked.c.code).add_cte(noted(booked), told(booked))


_TAKE_EACH = Prepared(_combined())


def take_each(session: Session, asking: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """A place for each of `asking` that there is room for: the booking's id, or None.

    Each is what `taking.take` is handed. What `_OWN` does not name is the same for all, with `n` 1
    and nothing overruled. No two may stand in each other's way (same person and thing, same key):
    a row that cannot be written fails all of them.
    """
    queue: Counter[int] = Counter()
    rows = []
    for one in asking:
        queue[one["row_id"]] += 1
        rows.append((one["row_id"], queue[one["row_id"]], *(one[name] for name in _OWN)))
    booked = _TAKE_EACH.all(session, {**asking[0], **_asking.values(rows)})
    ids = {row.code: row.id for row in booked}
    return [ids.get(one["code"]) for one in asking]
