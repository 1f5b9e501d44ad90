"""What a term stands in: a server at any moment, WeChat's stand-in, phones and clerks."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from flask import Flask

from backend import clock, scheduler
from backend.app import create_app
from backend.db import db
from backend.wechat.standin.settings import StandinSettings
from tests import databases, settings
from tests.built import built
from tests.journeys.doors import Clerk, Phone, xingfu
from tests.journeys.term.district import PASSWORD, Neighbour, settle
from tests.server import environment, serving
from tests.standin import RunningStandin, free_port, running_standin

PUSH = {"wx_push_token": "push-token", "wx_push_aes_key": "A" * 43}
AT_ONCE = 8
"""How many phones are in use at the same time."""

T = TypeVar("T")
R = TypeVar("R")


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the spring of 2026, by the clock on the wall."""
    return datetime(2026, month, day, hour, minute, tzinfo=clock.LOCAL)


class World:
    """A district that runs, with a clock that can be moved."""

    def __init__(self, url: str, folder: Path, port: int, standin: RunningStandin) -> None:
        self.app = create_app(settings.for_tests(database_url=url, wx_api_base=standin.url))
        self.folder = folder
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.standin = standin
        self.env = environment(
            database_url=url,
            wx_api_base=standin.url,
            client_dir=str(built("h5")),
            **PUSH,
        ) | {"JOURNEY_AHEAD": str(folder / "ahead")}
        self.client = f"{self.base}/m/"
        self.district: Any
        self._residents = httpx.Client(base_url=f"{self.base}/mp/v1", trust_env=False)
        self._clerks: dict[str, Clerk] = {}
        self._running = ExitStack()

    def start(self) -> None:
        """Serve; again, after the server was stopped. One worker: races have their own tests."""
        target = "tests.journeys.term.moving:app"
        serve = serving(self.env, workers=1, target=target, port=self.port)
        self._running.enter_context(serve)

    def stop(self) -> None:
        """Nobody answers at the address any more."""
        self._running.close()

    def close(self) -> None:
        self.stop()
        for client in (self._residents, *(clerk.http for clerk in self._clerks.values())):
            client.close()
        databases.dispose(self.app)
        clock.shift(timedelta())

    def move_to(self, moment: datetime) -> None:
        """It is `moment` now: for the server, for the stand-in, for commands."""
        clock.shift(timedelta(seconds=int((moment - datetime.now(UTC)).total_seconds())))
        written = self.folder / "ahead.new"
        written.write_text(str(self.ahead))
        written.rename(self.folder / "ahead")

    @property
    def ahead(self) -> int:
        """By how many seconds this moment lies before or behind the real one."""
        return int((clock.now() - datetime.now(UTC)).total_seconds())

    def xingfu(self, *arguments: str) -> str:
        """A command at this moment, which must succeed; what it says."""
        process = xingfu(self.env | {"CLOCK_SHIFT": str(self.ahead)}, *arguments)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def scheduler_runs(self) -> None:
        """What happens by itself, each job once: as the process does it, without starting one."""
        assert scheduler.run_once(self.app) == []

    def clerk(self, username: str) -> Clerk:
        """Somebody of the staff, signed in today: a sign-in does not last longer."""
        if username not in self._clerks:
            self._clerks[username] = Clerk(self.base, username, PASSWORD)
        clerk = self._clerks[username]
        if not clerk.is_signed_in():
            clerk.sign_in()
        return clerk

    def phone(self, who: Neighbour | None = None) -> Phone:
        """Somebody's phone, or one on which nobody has signed in."""
        return Phone(self.base, who.token if who else "", self._residents)

    def all_at_once(self, do: Callable[[T], R], each: Sequence[T]) -> list[R]:
        """Many people do the same at the same time; what became of it, in the order of `each`."""
        with ThreadPoolExecutor(AT_ONCE) as hands:
            return list(hands.map(do, each))

    def rows(self, query: Any) -> Any:
        """What the database says by now."""
        with self.app.app_context():
            return db.session.execute(query).all()


@contextmanager
def running(
    url: str, folder: Path, moment: datetime, begin: Callable[[Flask, datetime], Any] = settle
) -> Iterator[World]:
    """The district in the database at `url`, as it begins, served from `moment` on."""
    port = free_port()
    product = settings.for_tests(**PUSH)
    callback = f"http://127.0.0.1:{port}/wechat/push"
    with running_standin(StandinSettings.beside(product, callback_url=callback)) as standin:
        world = World(url, folder, port, standin)
        try:
            world.move_to(moment)
            world.district = begin(world.app, moment)
            world.start()
            yield world
        finally:
            world.close()
