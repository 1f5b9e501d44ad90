"""The application of the races, with two doors more than the product has.

One is the control: it counts first, then writes, which is how a place is sold twice. Its table has
no CHECK, and the requests of one worker wait for each other between the count and the write, so
that they meet. The other ends the process that answers it, as a power cut would.
"""

import os
import signal
import threading

from flask import Flask, Response
from sqlalchemy import text

from backend.app import create_app
from backend.db import db, transaction

TABLE = "CREATE TABLE naive_booking (run_id integer NOT NULL, person_id integer NOT NULL)"


def create() -> Flask:
    """The application with the door that oversells and the one that kills."""
    app = create_app()
    app.post("/naive/<int:run_id>/<int:person_id>")(naive)
    app.post("/kill")(kill)
    return app


_meet = threading.Barrier(4, timeout=0.2)


def naive(run_id: int, person_id: int) -> tuple[Response | str, int]:
    capacity = db.session.scalar(
        text("SELECT capacity FROM bookable WHERE id = :run"), {"run": run_id}
    )
    taken = db.session.scalar(
        text("SELECT count(*) FROM naive_booking WHERE run_id = :run"), {"run": run_id}
    )
    db.session.rollback()
    try:
        _meet.wait()
    except threading.BrokenBarrierError:
        _meet.reset()
    if taken >= capacity:
        return "full", 409
    with transaction() as session:
        session.execute(
            text("INSERT INTO naive_booking VALUES (:run, :person)"),
            {"run": run_id, "person": person_id},
        )
    return "confirmed", 201


def kill() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "never answered"
