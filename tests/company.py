"""Watching calls that go to the database together: who waits for a lock, and how many."""

import time
from collections.abc import Callable

from sqlalchemy import text

from backend.db import db


def until(so: Callable[[], bool]) -> None:
    """Wait until it is so; ten seconds at most."""
    for _ in range(1000):
        if so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that within ten seconds")


def waiting_backends(sql: str = "count(*)") -> int:
    """How many connections to this database wait for a lock, or what `sql` gives of them."""
    with db.engine.connect() as connection:
        return connection.execute(
            text(
                f"SELECT {sql} FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        ).scalar_one()
