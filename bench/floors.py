"""The floors: a bare Flask route, and one signup's SQL straight through psycopg in a Flask route.

Served by the same gunicorn with the same settings as the product. The SQL is the product's own, as
SQLAlchemy compiles it for PostgreSQL, with the same values; what is left out is everything else:
validation, rules, SQLAlchemy, the API's envelope.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import make_url

from backend import clock
from backend.booking import taking
from backend.booking.codes import new_code, new_short_code
from backend.config import load
from backend.night_school import facts
from backend.people import queries as people
from backend.people.tokens import token_hash

app = Flask(__name__, static_folder=None)


class Sql:
    """A statement of the product as text, with the constants SQLAlchemy would send along."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=PGDialect_psycopg())
        self.text = str(compiled)
        self.constants = compiled.params

    def __call__(self, cursor: psycopg.Cursor[Any], values: dict[str, Any]) -> Any:
        """The first row, or None."""
        return cursor.execute(self.text, self.constants | values).fetchone()


_by_token = Sql(people._BY_TOKEN.statement)
_facts = Sql(facts._FOR_ACCOUNT.statement)
_take = Sql(taking._ON_POSTGRESQL["place"].statement)
_free: SimpleQueue[psycopg.Connection[Any] | None] = SimpleQueue()
for _ in range(load().database_pool):
    _free.put(None)  # to be opened by whoever gets it


@contextmanager
def _connection() -> Iterator[psycopg.Connection[Any]]:
    """One of as many connections as the product has; its statements stay prepared."""
    connection = _free.get()
    if connection is None:
        url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql")
        connection = psycopg.connect(url.render_as_string(hide_password=False), prepare_threshold=0)
    try:
        yield connection
    finally:
        _free.put(connection)


@app.get("/bare")
def bare() -> Response:
    return Response(b'{"errcode":0,"errmsg":"ok"}', content_type="application/json")


@app.get("/healthz")
def alive() -> str:
    return "ok"


@app.post("/signup/<int:run_id>")
def signup(run_id: int) -> Response:
    """Token, facts, place with booking, history and reminder; one transaction, committed."""
    now = clock.now()
    person_id = orjson.loads(request.get_data())["person_id"]
    hashed = token_hash(request.headers["Authorization"].partition(" ")[2])
    key = request.headers["Idempotency-Key"]
    with _connection() as connection, connection.transaction(), connection.cursor() as cursor:
        account_id, *_, self_id, _ = _by_token(cursor, {"token_hash": hashed})
        asked = {
            "run_id": run_id, "person_id": person_id, "account_id": account_id,
            "self_id": self_id, "idempotency_key": key, "today": clock.today(now),
        }  # fmt: skip
        if _facts(cursor, asked) is None:
            return Response(status=404)
        values = {
            "row_id": run_id, "n": 1, "now": now, "overruled": False, "person_id": person_id,
            "account_id": account_id, "staff_id": None, "party_id": None,
            "once_key": facts.once_key(run_id), "code": new_code(),
            "short_code": new_short_code(), "idempotency_key": key,
            "idempotency_hash": hashed[:32], "due_at": now, "reason": None,
            "state": "confirmed", "tells": "booked",
        }  # fmt: skip
        row = _take(cursor, values)
    return Response(orjson.dumps(row), status=201 if row else 409, content_type="application/json")
