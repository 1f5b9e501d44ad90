"""The demo district: loaded once for all processes of a test run, copied for whoever needs it."""

import fcntl
import os
from datetime import datetime

import pytest
from flask import Flask

from backend import clock, dumps
from backend.db import transaction
from backend.demo import load
from tests import databases


def lay(app: Flask, moment: datetime, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put the demo district, as it looks at `moment`, into the empty database of `app`."""
    url = app.extensions["settings"].database_url
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all workers
    copy = folder / f"demo-{url.partition(':')[0]}-{moment:%Y%m%dT%H%M%S}"
    with copy.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits here, and finds it made
        if copy.exists():
            dumps.load(url, copy)
            return
        databases.create_tables(app)
        with app.app_context(), clock.frozen(moment), transaction() as session:
            load.load(session, moment, lambda _count: None)
        half = copy.with_suffix(".half")
        dumps.dump(url, half)
        half.rename(copy)
