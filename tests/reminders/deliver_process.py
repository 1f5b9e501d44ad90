"""Run by a test as a process of its own: wait for a file, then deliver in small batches."""

import sys
import time
from pathlib import Path

import orjson

from backend.app import create_app
from backend.reminders import preparing
from backend.reminders.delivery import deliver_due


def main(gate: str, batch: str) -> None:
    preparing.BATCH = int(batch)
    with create_app().app_context():
        print("ready", flush=True)
        while not Path(gate).exists():
            time.sleep(0.005)
        print(orjson.dumps(deliver_due()).decode(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
