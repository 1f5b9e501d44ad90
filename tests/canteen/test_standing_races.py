"""Runs over standing orders that die in the middle, or are started twice at the same moment."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend import checking, clock
from backend.booking import check as booking_check
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.models import MenuItem
from backend.canteen.ordering import check as ordering_check
from backend.canteen.repeating import check, making, service, working
from backend.canteen.repeating.models import StandingMeal, StandingRun
from backend.db import db, transaction
from tests.booking.crowd import crowd
from tests.canteen.standing import menus, plan
from tests.console import me_of
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
PEOPLE = 12


@dataclass(frozen=True, slots=True)
class World:
    """A database of its own: people with two standing meals each, none made yet."""

    app: Flask
    canteen_id: int

    def run(self, at_once: int = 1) -> int:
        with self.app.app_context():
            try:
                return working.run(self.canteen_id, NOON, lambda: False, at_once=at_once)
            finally:
                db.session.remove()

    def counted(self) -> tuple[int, int, int]:
        """Bookings, meals that were made, portions that are taken."""
        with self.app.app_context():
            return (
                db.session.scalars(select(func.count()).select_from(Booking)).one(),
                db.session.scalars(select(func.count()).select_from(StandingMeal)).one(),
                db.session.scalars(select(func.sum(MenuItem.taken))).one(),
            )

    def runs(self) -> list[StandingRun]:
        with self.app.app_context():
            return list(db.session.scalars(select(StandingRun).order_by(StandingRun.id)))

    def is_sound(self) -> bool:
        every = (*check.CHECKS, *booking_check.CHECKS, *ordering_check.CHECKS)
        with self.app.app_context():
            found = checking.run(db.session.connection(), every, NOON)
            return [one.check.name for one in found if one.rows] == []


@pytest.fixture
def world(own_app: Flask) -> Iterator[World]:
    with clock.frozen(NOON):
        with own_app.app_context():
            make = Make(NOON)
            canteen = make.once("canteen", make.canteen)
            kitchen = Kitchen(canteen.id, canteen, make.dish(), make.dish(name="清蒸鲈鱼"))
            me = me_of(make.staff("worker"))
            members = crowd(PEOPLE, NOON)
            with transaction() as session:
                for who in members:
                    paid = Credit(
                        person_id=who.person_id, kind=EntryKind.TOP_UP, fen=9000,
                        key=f"{who.person_id}",
                    )  # fmt: skip
                    ledger.credit(session, paid, Actor(), NOON)
                    wish = plan(who.person_id, canteen.id, weekdays=[0, 1])
                    service.set_up(session, wish, Actor(account_id=who.account_id), NOON)
            menus(make, db.session(), me, kitchen, NOON)
            db.session.remove()
        yield World(own_app, canteen.id)


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What `menus` cooks with."""

    id: int
    canteen: object
    tofu: object
    fish: object


def test_started_twice_at_once_each_meal_is_made_once(world: World) -> None:
    first = threading.Barrier(2)

    def run(_number: int) -> int:
        first.wait()
        return world.run(working.AT_ONCE)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(run, range(2)))
    assert sum(made) == 2 * PEOPLE
    assert world.counted() == (2 * PEOPLE,) * 3
    assert world.is_sound()


class Killed(BaseException):
    """The process ends here: nothing that follows is done."""


@pytest.mark.parametrize("after", [0, 5, 23])
def test_a_run_that_dies_in_the_middle_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Between two meals of a person, too: then neither of them is made."""
    note, left = making._note, [after]

    def dies(*args: object, **given: object) -> None:
        if not left[0]:
            raise Killed()
        left[0] -= 1
        note(*args, **given)

    with monkeypatch.context() as patch:
        patch.setattr(making, "_note", dies)
        with pytest.raises(Killed):
            world.run()
    whole = after // 2 * 2
    assert world.counted() == (whole,) * 3
    assert [run.ended_at for run in world.runs()] == [None]
    assert world.run() == 2 * PEOPLE - whole
    assert world.counted() == (2 * PEOPLE,) * 3
    assert world.is_sound()


def test_the_fault_of_one_person_is_none_of_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_for, faulty = working.make_for, []

    def fails(session: object, person_id: int, *args: object, **given: object) -> making.Made:
        faulty.append(person_id)
        if len(faulty) == 3:
            raise RuntimeError("a fault of ours")
        return make_for(session, person_id, *args, **given)

    monkeypatch.setattr(working, "make_for", fails)
    assert world.run(working.AT_ONCE) == 2 * PEOPLE - 2
    [run] = world.runs()
    assert (run.people, run.made, run.failed) == (PEOPLE, 2 * PEOPLE - 2, 1)
    assert run.ended_at is not None
