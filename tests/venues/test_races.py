"""A hundred threads want overlapping pieces of a hall and its halves in the same instant."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from backend import clock
from backend.app import create_app
from backend.booking.models import Booking
from backend.commands.check import audit
from backend.db import db, transaction, transactional
from backend.errors import Refusal
from backend.people.models import Person
from backend.people.queries import Resident
from backend.places.models import Atom, Occupancy, Place, Room
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from backend.venues import requests, service
from backend.venues.blocks import service as blocks
from backend.venues.blocks.models import RoomBlockHit
from backend.venues.errors import InUse, ListChanged
from backend.venues.groups import service as groups
from backend.venues.models import Reservation, RoomRules
from backend.venues.service import Change, Wanted
from tests import databases, settings
from tests.booking.crowd import Member, crowd
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")

THREADS, GAP = 100, timedelta(minutes=15)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Races:
    """A database of its own with a divided hall that is open around the clock."""

    app: Flask
    now: datetime
    rooms: tuple[int, ...]
    members: Sequence[Member]

    def span(self, dice: random.Random) -> tuple[datetime, datetime]:
        """A quarter to four hours, somewhere in the afternoon of the day after tomorrow."""
        day = clock.local(self.now).replace(hour=12, minute=0, second=0, microsecond=0)
        start = day + timedelta(days=2, minutes=15 * dice.randrange(32))
        return start, start + timedelta(minutes=15 * dice.randint(1, 16))

    def all_at_once(self, call: Callable[[int, random.Random, Member], object]) -> list[object]:
        """What became of each call: its answer, or the code of its refusal."""
        barrier = threading.Barrier(THREADS)

        def one(number: int) -> object:
            with self.app.app_context():
                barrier.wait(60)
                try:
                    return call(number, random.Random(number), self.members[number])
                except Refusal as refusal:
                    return refusal.errcode
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(one, range(THREADS)))

    def overlaps(self, gap: timedelta = GAP) -> int:
        """Pairs of uses of one atom that are closer than the gap; counted by hand."""
        db.session.rollback()
        rows = db.session.execute(select(Occupancy)).scalars().all()
        return sum(
            one.starts_at < other.ends_at + gap and other.starts_at < one.ends_at + gap
            for one, other in combinations(rows, 2)
            if one.atom_id == other.atom_id
        )

    def wrong(self) -> dict[str, object]:
        db.session.rollback()
        return {one.check.name: one.rows for one in audit(timedelta(hours=1)) if one.rows}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def races(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Races]:
    url = databases.new_database(request.param, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    with app.app_context():
        now = datetime.now(UTC)
        make = Make(now)
        place = make.place()
        left, right = (make.add(Atom(place_id=place.id, name=name)) for name in ("东", "西"))
        rooms = tuple(
            make.open_room(place, atoms, name=name).id
            for name, atoms in (("全厅", [left, right]), ("东厅", [left]), ("西厅", [right]))
        )
        make.rules(
            place, audience="everyone", grid_minutes=15, min_minutes=15, buffer_after=15,
            **dict.fromkeys(WEEK, "00:00-24:00"),
        )  # fmt: skip
        db.session.execute(
            text("CREATE TABLE naive_use (atom integer, starts_at text, ends_at text)")
        )
        db.session.commit()
        yield Races(app, now, rooms, crowd(THREADS, now))
    databases.dispose(app)


def test_no_two_uses_overlap_or_come_too_close(races: Races) -> None:
    """Each reserves something, then moves it, or gives it back, or reserves once more."""
    reserve, change = transactional(_reserve), transactional(_change)

    def call(number: int, dice: random.Random, me: Member) -> object:
        answers: list[object] = []
        for step in range(3):
            wanted = (races.rooms[dice.randrange(3)], *races.span(dice))
            try:
                if step and isinstance(answers[0], int) and answers[0] > 0:
                    change(me, answers[0], wanted, races.now)
                else:
                    answers.insert(0, reserve(me, wanted, races.now))
            except Refusal as refusal:
                answers.append(-refusal.errcode)
        return answers

    answers = [one for many in races.all_at_once(call) for one in many]  # type: ignore[attr-defined]
    assert {one for one in answers if one < 0} <= {-409113, -409114}  # in use, too close
    assert sum(one > 0 for one in answers) >= 5
    assert races.overlaps() == 0
    assert races.wrong() == {}
    states = set(db.session.scalars(select(Booking.state)))
    assert states == {"confirmed"}


def _reserve(
    me: Member, wanted: tuple[int, datetime, datetime], now: datetime, group_id: int | None = None
) -> int:  # fmt: skip
    room_id, starts_at, ends_at = wanted
    asked = Wanted(
        room_id=room_id, person_id=me.person_id, starts_at=starts_at, ends_at=ends_at,
        title="排练", headcount=5, group_id=group_id,
    )  # fmt: skip
    booked = service.reserve(db.session(), Resident(me.account_id, me.person_id), asked, now)
    return booked.booking_id


def _change(
    me: Member, booking_id: int, wanted: tuple[int, datetime, datetime], now: datetime
) -> None:
    room_id, starts_at, ends_at = wanted
    to = Change(room_id=room_id, starts_at=starts_at, ends_at=ends_at)
    service.change(db.session(), Resident(me.account_id, me.person_id), booking_id, to, now)


def test_the_control_overlaps(races: Races) -> None:
    """Look first, then write: the same threads, the same spans. So the test above can fail."""
    looked = threading.Barrier(THREADS)

    def call(number: int, dice: random.Random, me: Member) -> object:
        starts_at, ends_at = races.span(dice)
        asked = {"s": starts_at.isoformat(), "e": ends_at.isoformat()}
        free = not db.session.scalar(
            text("SELECT count(*) FROM naive_use WHERE starts_at < :e AND :s < ends_at"), asked
        )
        db.session.rollback()
        looked.wait(60)
        if free:
            with transaction() as session:
                session.execute(text("INSERT INTO naive_use VALUES (1, :s, :e)"), asked)
        return free

    races.all_at_once(call)
    db.session.rollback()
    overlapping = """
        SELECT count(*) FROM naive_use a JOIN naive_use b
          ON a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    """
    rows = db.session.scalar(text("SELECT count(*) FROM naive_use"))
    assert db.session.scalar(text(overlapping)) > rows


def test_staff_approve_competing_requests_at_once(races: Races) -> None:
    """Everybody asks for the halls in one afternoon; a hundred clerks approve at once."""
    make = Make(races.now)
    for room_id in races.rooms:
        make.rules(db.session.get_one(Room, room_id), approval=True, audience="everyone")
    place = db.session.scalars(select(Place)).first()
    clerk = make.staff("worker", place)
    me = SignedInStaff(
        clerk.id, clerk.name, (Scope(Role.WORKER, place.id, place.path, place.name),)
    )
    day = clock.local(races.now).replace(hour=12, minute=0, second=0, microsecond=0)
    reserve, approve = transactional(_reserve), transactional(_approve)
    asked = []
    for number in range(THREADS):
        dice = random.Random(number)
        start = day + timedelta(days=5, minutes=30 * dice.randrange(12))
        span = (races.rooms[number % 3], start, start + timedelta(minutes=30 * dice.randint(1, 4)))
        asked.append(reserve(races.members[number], span, races.now))
    answers = races.all_at_once(lambda number, _dice, _me: approve(me, asked[number], races.now))
    assert {one for one in answers if one != "approved"} <= {409130}  # another's approval decided
    db.session.rollback()
    became = db.session.execute(
        select(Booking.state, func.count()).where(Booking.id.in_(asked)).group_by(Booking.state)
    )
    states = {row[0]: row[1] for row in became}
    assert states == {
        "confirmed": answers.count("approved"), "declined": answers.count(409130),
    }  # fmt: skip
    assert races.overlaps() == 0
    assert races.wrong() == {}


def test_rooms_are_reserved_while_staff_take_them_out_of_use(races: Races) -> None:
    """Every fifth takes rooms out of use, the others reserve there in the same instant."""
    make = Make(races.now)
    place = db.session.scalars(select(Place)).first()
    clerk = make.staff("worker", place)
    me = SignedInStaff(
        clerk.id, clerk.name, (Scope(Role.WORKER, place.id, place.path, place.name),)
    )
    venue_id = db.session.get_one(Room, races.rooms[0]).venue_id
    db.session.execute(
        delete(RoomRules).where(RoomRules.room_id.is_not(None))
    )  # nothing on request
    db.session.commit()
    reserve, take = transactional(_reserve), transactional(_take_out_of_use)
    later = timedelta(days=5)

    def call(number: int, dice: random.Random, member: Member) -> object:
        start, end = races.span(dice)
        room_id = races.rooms[dice.randrange(3)]
        if number % 5:
            return ("reserved", reserve(member, (room_id, start + later, end + later), races.now))
        asked = blocks.Wanted(
            venue_id=venue_id, room_ids=(room_id,), starts_at=start + later, ends_at=end + later,
            reason="设备检修",
        )  # fmt: skip
        for _again in range(THREADS):
            try:
                return ("blocked", take(me, asked, races.now))
            except ListChanged:
                continue  # somebody was quicker: look anew
        return "never"

    answers = races.all_at_once(call)
    got = [one for one in answers if isinstance(one, tuple)]
    assert {one for one in answers if not isinstance(one, tuple)} <= {409113, 409114, 409132}
    assert {kind for kind, _ in got} == {"reserved", "blocked"}
    db.session.rollback()
    made = [ident for kind, ident in got if kind == "reserved"]
    hit = set(db.session.scalars(select(RoomBlockHit.booking_id)))
    states = db.session.execute(select(Booking.id, Booking.state).where(Booking.id.in_(made)))
    for booking_id, state in states:
        assert state == ("cancelled" if booking_id in hit else "confirmed")
    assert races.overlaps(timedelta()) == 0
    assert races.wrong() == {}


def _take_out_of_use(me: SignedInStaff, asked: blocks.Wanted, now: datetime) -> int:
    session = db.session()
    shown = {hit.token for hit in blocks.plan(session, me, asked, now).hits}
    return blocks.make(session, me, asked, shown, now)


def _approve(me: SignedInStaff, booking_id: int, now: datetime) -> str:
    requests.approve(db.session(), me, booking_id, now)
    return "approved"


def test_a_group_reserves_no_more_than_its_quota(races: Races) -> None:
    """All its members at once, each another room and hour, while the leader lets some go."""
    make = Make(races.now)
    place = make.place()
    rooms = [make.open_room(place, name=f"{number}号房").id for number in range(10)]
    make.rules(place, audience="groups", group_live=3, across_venue=True)
    people = [db.session.get_one(Person, one.person_id) for one in races.members]
    group_id = make.group(*people).id
    leader = races.members[0]
    day = clock.local(races.now).replace(hour=0, minute=0, second=0, microsecond=0)
    reserve, remove = transactional(_reserve), transactional(_remove)

    def call(number: int, dice: random.Random, me: Member) -> object:
        if number % 4 == 3:
            return remove(leader, group_id, races.members[number - 1].person_id, races.now)
        start = day + timedelta(days=dice.randint(1, 6), hours=dice.randint(9, 19))
        span = (rooms[number % 10], start, start + timedelta(hours=1))
        return reserve(me, span, races.now, group_id)

    answers = races.all_at_once(call)
    db.session.rollback()
    theirs = select(func.count()).where(Reservation.group_id == group_id)
    assert db.session.scalar(theirs) == 3
    refused = {409113, 409153, 40400}  # in use, enough, a member no more
    assert sum(one in refused or one == "removed" for one in answers) == THREADS - 3
    assert answers.count("removed") == THREADS // 4
    assert races.wrong() == {}


def _remove(me: Member, group_id: int, person_id: int, now: datetime) -> str:
    as_leader = Resident(me.account_id, me.person_id)
    groups.remove_by(db.session(), as_leader, group_id, person_id, now)
    return "removed"


def test_a_room_by_itself_is_given_once_with_nothing_held(races: Races) -> None:
    """No gaps, no limits, no parts shared: one statement writes, and the database says no.

    The last of the file: what it leaves lies closer together than the others look for.
    """
    make = Make(races.now)
    place = make.place()
    room = make.open_room(place)
    hours = dict.fromkeys(WEEK, "00:00-24:00")
    make.rules(place, audience="everyone", grid_minutes=15, min_minutes=15, **hours)
    db.session.commit()
    reserve = transactional(_reserve, one_write=True)

    def call(_: int, dice: random.Random, me: Member) -> object:
        return reserve(me, (room.id, *races.span(dice)), races.now)

    answers = races.all_at_once(call)
    given = [one for one in answers if one != InUse.errcode]
    assert len(given) == len(set(given)) >= 3
    assert races.overlaps(timedelta()) == 0
    assert races.wrong() == {}
