"""Calls made at the same moment from threads of their own, each in a transaction of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from flask import Flask

from backend import clock
from backend.db import db, transactional
from backend.errors import Refusal

THREADS = 12


def at_once(app: Flask, now: datetime, count: int, call: Callable[[int], object]) -> list[object]:
    """What became of each call, THREADS at a time: its answer, or the refusal's code."""
    first = threading.Barrier(min(count, THREADS))

    def one(number: int) -> object:
        with app.app_context():
            if number < first.parties:
                first.wait()
            try:
                return transactional(call)(number)
            except Refusal as refusal:
                return refusal.errcode
            finally:
                db.session.remove()

    with clock.frozen(now), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(count)))
