"""A hall is put together from its halves while a lesson is planned in it, in either order."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from backend.app import create_app
from backend.db import db, transaction
from backend.desk import room_parts
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.places.occupancy import Use
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests import databases, settings
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")

NOW = datetime.now(UTC)
LESSON = 7


class World:
    """A hall and two rooms, which a manager is about to make its halves."""

    def __init__(self, app: Flask, kind: str) -> None:
        self.app, self.kind = app, kind
        make = Make(NOW)
        place = make.place()
        self.hall, self.left, self.right = (
            make.open_room(place, name=name).id for name in ("全厅", "东厅", "西厅")
        )
        someone = make.staff("manager", place)
        scope = Scope(Role.MANAGER, place.id, place.path, place.name)
        self.me = SignedInStaff(someone.id, someone.name, (scope,))
        db.session.commit()

    def put_together(self) -> None:
        halves = [self.left, self.right]
        room_parts.put_together(db.session(), self.me, self.hall, halves, NOW)

    def plan(self) -> None:
        start = NOW + timedelta(days=2)
        use = Use(self.hall, start, start + timedelta(hours=2), OccupantKind.LESSON, LESSON)
        occupancy.occupy(db.session(), [use], NOW)

    def meanwhile(self, first, second) -> bool:
        """`first` stops before it is written, as `second` begins; whether that one waited."""
        under_way, go_on, done = threading.Event(), threading.Event(), threading.Event()

        def one() -> None:
            with self.app.app_context(), transaction():
                first()
                under_way.set()
                go_on.wait(20)

        def other() -> None:
            under_way.wait(20)
            with self.app.app_context(), transaction():
                second()
            done.set()

        threads = [threading.Thread(target=run) for run in (one, other)]
        for thread in threads:
            thread.start()
        under_way.wait(20)
        waited = not done.wait(0.5)
        go_on.set()
        for thread in threads:
            thread.join(20)
        return waited

    def parts_in_use(self) -> tuple[int, int]:
        """How many parts the lesson uses, and of how many the hall is made."""
        db.session.rollback()
        used = db.session.scalars(
            select(Occupancy.atom_id).where(Occupancy.occupant_id == LESSON)
        ).all()
        made = db.session.scalars(
            select(RoomAtom.atom_id).where(RoomAtom.room_id == self.hall)
        ).all()
        return len(set(used) & set(made)), len(made)

    def start_over(self) -> None:
        with transaction() as session:
            session.execute(delete(Occupancy))
            room_parts.put_together(session, self.me, self.hall, [], NOW)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    url = databases.new_database(request.param, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    with app.app_context():
        yield World(app, request.param)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("lesson_first", [True, False])
def test_the_lesson_has_the_whole_hall(world: World, lesson_first: bool) -> None:
    pair = (world.plan, world.put_together)
    assert world.meanwhile(*(pair if lesson_first else pair[::-1]))
    assert world.parts_in_use() == (3, 3)
    world.start_over()


def test_control_without_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the lesson would have no more than a third of the hall."""
    if world.kind == "sqlite":
        return  # one writer at a time: there is nothing to take away
    monkeypatch.setattr(occupancy, "_lock_table", lambda *_: None)
    assert not world.meanwhile(world.put_together, world.plan)
    assert world.parts_in_use() == (1, 3)
    monkeypatch.undo()
    world.start_over()
