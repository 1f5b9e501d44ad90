"""`xingfu check` holds on a sound database, and names what was broken by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

import backend.canteen.accounts.check
import backend.canteen.claims.check
import backend.canteen.eaters.check
import backend.canteen.guests.check
import backend.canteen.kitchen.check
import backend.canteen.ordering.check
import backend.canteen.pricing.check
import backend.canteen.repeating.check
import backend.canteen.serving.check
import backend.canteen.welfare.check
import backend.market.check
from backend import clock
from backend.cli import main
from backend.commands import check
from backend.db import db, transaction
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.statistics import summaries
from backend.people import merging
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.venues.blocks.models import RoomBlock, RoomBlockRoom
from backend.venues.service import Wanted, reserve
from backend.venues.tries import RefusedTry
from tests.booking import verbs
from tests.factories import Make
from tests.settings import ENVIRON

HOUR = timedelta(hours=1)


class World:
    """A run in a room: one confirmed, one offered, one waiting, one cancelled; one attended."""

    def __init__(self, make: Make) -> None:
        self.make = make
        room = make.room()
        self.run = make.run(capacity=2, room_id=room.id, cancel_until=None)
        self.room_id, self.run_id = room.id, self.run.id
        confirmed, gives_back, offered, waiting = (
            make.resident(name, phone=f"1380000000{number}")
            for number, name in enumerate(("王秀英", "李建国", "张桂兰", "刘洋"))
        )
        self.people = [confirmed.person.id, gives_back.person.id]
        self.account = confirmed.account.id
        self.confirmed = self.book(confirmed)
        gone = self.book(gives_back)
        self.offered = self.book(offered, wait=True)
        self.waiting = self.book(waiting, wait=True)
        verbs.cancel(gone)
        self.occupy()

    def book(self, who, **given) -> int:
        return verbs.book(self.run_id, who.person.id, account_id=who.account.id, **given).booking_id

    def occupy(self) -> None:
        rows = db.session.execute(
            text("SELECT id FROM lesson WHERE run_id = :run ORDER BY id"), {"run": self.run_id}
        )
        self.lessons = [row.id for row in rows]
        for lesson in self.lessons:
            self.sql(
                """INSERT INTO occupancy (atom_id, starts_at, ends_at, occupant_kind, occupant_id)
                   SELECT a.atom_id, l.starts_at, l.ends_at, 'lesson', l.id
                   FROM lesson l JOIN room_atom a ON a.room_id = l.room_id WHERE l.id = :lesson""",
                lesson=lesson,
            )
        self.sql(
            """INSERT INTO attendance (lesson_id, booking_id, presence, taken_by, at)
               VALUES (:lesson, :booking, 'present', 'tap', CURRENT_TIMESTAMP)""",
            lesson=self.lessons[0], booking=self.confirmed,
        )  # fmt: skip
        db.session.commit()

    def sql(self, statement: str, **values: object) -> None:
        db.session.execute(text(statement), values)

    def unguarded(self, statement: str, **values: object) -> None:
        """Run it with the database's own guards off, as a careless hand would."""
        if db.engine.dialect.name == "sqlite":
            self.sql("PRAGMA ignore_check_constraints = ON")
            self.sql("DROP INDEX uq_booking_live_once")
            self.sql("DROP INDEX uq_booking_queue")
            self.sql("DROP TRIGGER tr_occupancy_overlap_insert")
            self.sql("DROP TRIGGER tr_term_overlap_insert")
        else:
            self.sql("ALTER TABLE bookable DROP CONSTRAINT ck_bookable_capacity")
            self.sql("DROP INDEX uq_booking_live_once")
            self.sql("DROP INDEX uq_booking_queue")
            self.sql("ALTER TABLE occupancy DROP CONSTRAINT ex_occupancy_overlap")
            self.sql("ALTER TABLE term DROP CONSTRAINT ex_term_overlap")
        try:
            self.sql(statement, **values)
        finally:
            if db.engine.dialect.name == "sqlite":
                self.sql("PRAGMA ignore_check_constraints = OFF")


@pytest.fixture
def world(make: Make) -> World:
    return World(make)


def wrong(grace: timedelta = HOUR) -> dict[str, list[dict[str, object]]]:
    return {one.check.name: one.rows for one in check.audit(grace) if one.rows}


def test_a_sound_database_has_nothing_wrong(world: World) -> None:
    assert wrong() == {}


def test_it_holds_after_two_entries_for_one_human_were_merged(world: World, now: datetime) -> None:
    """Both were in the same class; what the one gives up goes down the line."""
    rows = db.session.execute(text("SELECT id FROM person WHERE name IN ('王秀英', '刘洋')"))
    gone, kept = sorted(row.id for row in rows)
    with transaction() as session:
        merging.merge(session, gone, kept, now)
    assert wrong() == {}


def test_it_holds_after_the_run_was_cancelled(world: World) -> None:
    verbs.cancel_run(world.run_id)
    assert wrong() == {}


def test_every_check_has_a_name_of_its_own_and_a_sentence() -> None:
    names = [one.name for one in check.EVERY_CHECK]
    assert len(names) == len(set(names))
    assert all(one.sentence for one in check.EVERY_CHECK)


def break_places_counted(world: World) -> None:
    world.sql("UPDATE bookable SET taken = taken - 1 WHERE id = :id", id=world.run_id)


def break_kept_places_counted(world: World) -> None:
    world.sql("UPDATE booking SET on_kept = 1, in_group = true WHERE id = :id", id=world.confirmed)


def break_kept_places_counted_by_others(world: World) -> None:
    world.sql(
        "UPDATE bookable SET kept = 1, kept_taken = 1, kept_until = ends_at, "
        "next_expiry_at = coalesce(next_expiry_at, ends_at) WHERE id = :id",
        id=world.run_id,
    )
    world.sql("UPDATE booking SET on_kept = 1 WHERE id = :id", id=world.confirmed)


def break_kept_places_first(world: World) -> None:
    world.sql(
        "UPDATE bookable SET kept = 1, kept_until = ends_at, next_expiry_at = ends_at "
        "WHERE id = (SELECT bookable_id FROM booking WHERE id = :id)",
        id=world.confirmed,
    )
    world.sql("UPDATE booking SET in_group = true WHERE id = :id", id=world.confirmed)


def break_kept_places_released(world: World) -> None:
    world.sql(
        "UPDATE bookable SET kept = 1, kept_until = '2026-03-09 04:00:00+00' WHERE id = :id",
        id=world.run_id,
    )


def break_places_not_oversold(world: World) -> None:
    world.unguarded("UPDATE bookable SET capacity = 1 WHERE id = :id", id=world.run_id)


def break_line_counted(world: World) -> None:
    world.sql("UPDATE bookable SET waiting = 2 WHERE id = :id", id=world.run_id)


def break_fees_are_of_classes(world: World) -> None:
    world.sql(
        "INSERT INTO fee (booking_id, amount_fen, state) VALUES (:id, 8000, 'unpaid')",
        id=world.confirmed,
    )
    if db.engine.dialect.name == "sqlite":
        world.sql("PRAGMA foreign_keys = OFF")
    world.sql("DELETE FROM lesson WHERE run_id = :id", id=world.run_id)
    world.sql("DELETE FROM course_run WHERE id = :id", id=world.run_id)


def break_fees_say_how_they_were_paid(world: World) -> None:
    world.sql(
        "INSERT INTO fee (booking_id, amount_fen, state, marked_at)"
        " VALUES (:id, 8000, 'paid', '2026-03-11 04:00:00')",
        id=world.confirmed,
    )


def break_transfers_are_ones_own(world: World) -> None:
    world.sql(
        "UPDATE booking SET transfer_from_id = :other WHERE id = :id",
        other=world.confirmed, id=world.waiting,
    )  # fmt: skip


def break_transfers_hold_one(world: World) -> None:
    world.sql("UPDATE booking SET transfer_from_id = id WHERE id = :id", id=world.confirmed)


def break_queue_numbers_gap(world: World) -> None:
    world.sql("UPDATE booking SET queue_no = 3 WHERE id = :id", id=world.waiting)


def break_queue_numbers_twice(world: World) -> None:
    world.unguarded("UPDATE booking SET queue_no = 1 WHERE id = :id", id=world.waiting)


def break_queue_numbers_tail(world: World) -> None:
    world.sql("UPDATE bookable SET queue_tail = 3 WHERE id = :id", id=world.run_id)


def break_waiting_is_numbered(world: World) -> None:
    world.sql("UPDATE booking SET queue_no = NULL WHERE id = :id", id=world.waiting)


def break_live_once(world: World) -> None:
    world.unguarded(
        "UPDATE booking SET person_id = :person WHERE id = :id",
        person=world.people[0], id=world.waiting,
    )  # fmt: skip


def break_parties_are_whole(world: World) -> None:
    world.sql(
        "UPDATE booking SET party_id = :first WHERE id IN (:first, :second)",
        first=world.confirmed, second=world.waiting,
    )  # fmt: skip


def break_next_expiry(world: World) -> None:
    world.sql("UPDATE bookable SET next_expiry_at = NULL WHERE id = :id", id=world.run_id)


def break_next_expiry_late(world: World) -> None:
    world.sql("UPDATE bookable SET next_expiry_at = ends_at WHERE id = :id", id=world.run_id)


def break_next_expiry_stale(world: World) -> None:
    other = world.make.run().id
    world.sql("UPDATE bookable SET next_expiry_at = ends_at WHERE id = :id", id=other)


def break_offers_have_deadlines(world: World) -> None:
    world.sql("UPDATE booking SET offer_until = NULL WHERE id = :id", id=world.offered)


def break_history_ends_in_state(world: World) -> None:
    world.sql("UPDATE booking SET state = 'attended' WHERE id = :id", id=world.confirmed)


def break_history_ends_in_state_none(world: World) -> None:
    world.sql("DELETE FROM booking_event WHERE booking_id = :id", id=world.confirmed)


def break_cancelled_is_empty(world: World) -> None:
    world.sql("UPDATE bookable SET cancelled_at = starts_at WHERE id = :id", id=world.run_id)


def break_merged_is_unused(world: World) -> None:
    world.sql(
        "UPDATE person SET merged_into_id = :other WHERE id = :id",
        other=world.people[0], id=world.people[1],
    )  # fmt: skip


def break_merged_has_no_bookings(world: World) -> None:
    world.sql(
        "UPDATE person SET merged_into_id = :other WHERE id = :id",
        other=world.people[1], id=world.people[0],
    )  # fmt: skip


def break_phones_findable(world: World) -> None:
    world.sql("UPDATE person SET phone_hash = NULL WHERE id = :id", id=world.people[0])


def break_paths_follow_the_tree(world: World) -> None:
    world.sql("UPDATE place SET path = '/9' || path WHERE kind = 'community'")


def break_rooms_used_once(world: World) -> None:
    world.unguarded(
        """INSERT INTO occupancy (atom_id, starts_at, ends_at, occupant_kind, occupant_id)
           SELECT atom_id, starts_at, ends_at, 'block', 1 FROM occupancy
           WHERE occupant_id = :lesson""",
        lesson=world.lessons[0],
    )


def break_terms_apart(world: World) -> None:
    world.unguarded(
        "INSERT INTO term (name, starts_on, ends_on) SELECT 'twice', starts_on, ends_on FROM term"
    )


def break_runs_are_whole(world: World) -> None:
    run = world.make.run(lessons=1).id
    world.sql("DELETE FROM course_run WHERE id = :id", id=run)


def break_attendance_in_own_class(world: World) -> None:
    run = world.make.run(lessons=1).id
    world.sql(
        """UPDATE attendance SET lesson_id = (SELECT id FROM lesson WHERE run_id = :run)
           WHERE booking_id = :booking""",
        run=run, booking=world.confirmed,
    )  # fmt: skip


def break_excuses_in_own_class(world: World) -> None:
    run = world.make.run(lessons=1).id
    account = world.make.resident("钱进").account.id
    world.sql(
        """INSERT INTO excuse (lesson_id, booking_id, account_id, reason, asked_at)
           SELECT id, :booking, :account, '出差', starts_at FROM lesson WHERE run_id = :run""",
        run=run, booking=world.confirmed, account=account,
    )  # fmt: skip


def _told(world: World, occasion_id: int, state: str) -> None:
    world.sql(
        """INSERT INTO standing_appeal (booking_id, occasion_id, asked_at, state, decided_at)
           VALUES (:booking, :occasion, :now, :state, :now)""",
        booking=world.confirmed, occasion=occasion_id, state=state, now=world.make.now.isoformat(),
    )  # fmt: skip


def break_granted_appeals_count_no_more(world: World) -> None:
    _told(world, world.lessons[0], "granted")


def break_appeals_in_own_class(world: World) -> None:
    run = world.make.run(lessons=1).id
    lesson = db.session.execute(text("SELECT id FROM lesson WHERE run_id = :run"), {"run": run})
    _told(world, lesson.scalar_one(), "declined")


def break_uploads_in_own_class(world: World) -> None:
    run = world.make.run(lessons=1).id
    world.sql(
        """INSERT INTO uploaded_entry (nonce, lesson_id, device, kind, at, received_at, clock_off,
             clamped, booking_id, outcome, staff_id)
           SELECT 'n', id, 'd', 'mark', starts_at, starts_at, 0, false, :booking, 'conflict', :staff
           FROM lesson WHERE run_id = :run""",
        run=run, booking=world.confirmed, staff=world.make.staff("worker").id,
    )  # fmt: skip


def break_summaries_add_up(world: World) -> None:
    summaries.write(db.session(), [world.run_id], clock.now())
    world.sql("UPDATE run_band_summary SET enrolled = enrolled + 1")


def break_lessons_have_their_room(world: World) -> None:
    world.sql("DELETE FROM occupancy WHERE occupant_id = :lesson", lesson=world.lessons[0])


def break_rooms_kept_for_lessons(world: World) -> None:
    world.sql(
        "UPDATE lesson SET cancelled_at = starts_at WHERE id = :lesson", lesson=world.lessons[0]
    )


def applied(world: World) -> DrawApplication:
    """Somebody who applied for a run in a draw."""
    run = world.make.run(lessons=1)
    draw = world.make.draw(run)
    one = DrawApplication(
        draw_id=draw.id, person_id=world.people[0], code="CODE", applied_at=world.make.now
    )
    world.make.add(one)
    world.make.add(DrawWish(application_id=one.id, rank=1, run_id=run.id))
    return one


def break_wishes_in_own_draw(world: World) -> None:
    one = applied(world)
    world.sql("UPDATE draw_wish SET run_id = :run WHERE application_id = :id",
              run=world.run_id, id=one.id)  # fmt: skip


def break_drawn_runs_have_a_draw(world: World) -> None:
    one = applied(world)
    world.sql("UPDATE course_run SET mode = 'first_come' WHERE draw_id = :id", id=one.draw_id)


def break_draws_with_a_number(world: World) -> None:
    one = applied(world)
    world.sql("UPDATE draw SET public_number = '0512' WHERE id = :id", id=one.draw_id)


def break_drawn_bookings_fit(world: World) -> None:
    one = applied(world)
    world.sql("UPDATE draw_wish SET booking_id = :booking WHERE application_id = :id",
              booking=world.confirmed, id=one.id)  # fmt: skip


def break_households_are_whole(world: World) -> None:
    one = applied(world)
    world.sql("UPDATE draw_application SET together = 'HOME' WHERE id = :id", id=one.id)


def reserved(world: World) -> int:
    """A reservation of a room from now on; its booking's id."""
    room = world.make.open_room(name="书画室")
    world.make.rules(room, audience="everyone")
    me = world.make.resident("周敏")
    start = clock.local(world.make.now).replace(hour=15) + timedelta(days=1)
    wanted = Wanted(
        room_id=room.id, person_id=me.person.id, starts_at=start, ends_at=start + HOUR,
        title="练字", headcount=3,
    )  # fmt: skip
    booked = reserve(db.session(), me.me, wanted, world.make.now)
    db.session.commit()
    assert wrong() == {}
    return booked.booking_id


def break_open_rooms_are_whole(world: World) -> None:
    world.make.open_room(name="棋牌室")
    world.sql("DELETE FROM open_room")


def break_reservations_are_whole(world: World) -> None:
    world.sql("DELETE FROM reservation WHERE booking_id = :id", id=reserved(world))


def break_reservations_have_their_room(world: World) -> None:
    world.sql("DELETE FROM occupancy WHERE occupant_kind = 'reservation' AND occupant_id = :id",
              id=reserved(world))  # fmt: skip


def break_group_reservations_in_members_names(world: World) -> None:
    group = world.make.group()
    world.sql("UPDATE reservation SET group_id = :group WHERE booking_id = :id",
              group=group.id, id=reserved(world))  # fmt: skip


def break_rooms_kept_for_reservations(world: World) -> None:
    world.sql(
        """INSERT INTO occupancy (atom_id, starts_at, ends_at, occupant_kind, occupant_id)
           SELECT atom_id, '2030-01-01', '2030-01-02', 'reservation', 99999 FROM occupancy
           WHERE occupant_id = :lesson""",
        lesson=world.lessons[0],
    )


def blocked(world: World) -> int:
    """A room out of use; the block's id."""
    room, staff = world.make.open_room(name="舞蹈室"), world.make.staff("worker")
    start = world.make.now + HOUR
    block = world.make.add(
        RoomBlock(venue_id=room.venue_id, starts_at=start, ends_at=start + HOUR, reason="设备检修",
                  staff_id=staff.id, created_at=world.make.now)
    )  # fmt: skip
    world.make.add(RoomBlockRoom(block_id=block.id, room_id=room.id))
    occupancy.occupy(
        db.session(),
        [Use(room.id, start, start + HOUR, OccupantKind.BLOCK, block.id)],
        world.make.now,
    )
    db.session.commit()
    assert wrong() == {}
    return block.id


def break_blocks_have_their_rooms(world: World) -> None:
    world.sql("UPDATE room_block SET ends_at = '2030-01-01' WHERE id = :id", id=blocked(world))


def break_blocks_within_their_time(world: World) -> None:
    """One that goes around something may take less, and never more."""
    block_id = blocked(world)
    world.sql("UPDATE room_block SET around = true WHERE id = :id", id=block_id)
    world.sql(
        "DELETE FROM occupancy WHERE occupant_kind = 'block' AND id = (SELECT min(id) FROM"
        " occupancy WHERE occupant_kind = 'block' AND occupant_id = :id)",
        id=block_id,
    )
    assert wrong() == {}
    world.sql(
        """INSERT INTO occupancy (atom_id, starts_at, ends_at, occupant_kind, occupant_id)
           SELECT atom_id, '2030-01-01', '2030-01-02', 'block', :id FROM room_atom""",
        id=block_id,
    )


def break_rooms_kept_for_blocks(world: World) -> None:
    world.sql("DELETE FROM room_block WHERE id = :id", id=blocked(world))


def break_tries_of_people(world: World) -> None:
    room, make = world.make.open_room(name="棋牌室"), world.make
    one, other = make.person("钱二"), make.person("钱贰")
    make.add(
        RefusedTry(person_id=one.id, room_id=room.id, day=make.now.date(), why="taken",
                   starts_at=make.now, tried_at=make.now)
    )  # fmt: skip
    db.session.commit()
    assert wrong() == {}
    world.sql("UPDATE person SET merged_into_id = :other WHERE id = :id", id=one.id, other=other.id)


def break_series_have_dates(world: World) -> None:
    world.sql("DELETE FROM series_date WHERE series_id = :id", id=_a_series(world))


def break_series_are_one_persons(world: World) -> None:
    world.sql(
        "UPDATE series SET person_id = :other WHERE id = :id", id=_a_series(world),
        other=world.make.resident("孙丽").person.id,
    )  # fmt: skip


def _a_series(world: World) -> int:
    """A date of a series; the series' id."""
    world.sql(
        """INSERT INTO series (room_id, person_id, account_id, every_weeks, title, headcount,
                               created_at)
           SELECT o.room_id, b.person_id, b.account_id, 1, '练字', 3, b.created_at
           FROM booking b JOIN open_room o ON o.id = b.bookable_id WHERE b.id = :id""",
        id=(booking_id := reserved(world)),
    )
    world.sql(
        """INSERT INTO series_date (series_id, booking_id, starts_at, ends_at)
           SELECT s.id, b.id, b.starts_at, b.ends_at FROM booking b, series s WHERE b.id = :id""",
        id=booking_id,
    )
    assert wrong() == {}
    return int(db.session().execute(text("SELECT max(id) FROM series")).scalar_one())


def break_inbox_has_its_copy(world: World) -> None:
    world.sql("UPDATE reminder SET state = 'inbox' WHERE booking_id = :id", id=world.confirmed)


def break_deleted_is_nameless(world: World) -> None:
    world.sql("UPDATE person SET deleted_at = created_at WHERE id = :id", id=world.people[0])


BREAKS = [value for name, value in sorted(globals().items()) if name.startswith("break_")]


@pytest.mark.parametrize("breaks", BREAKS, ids=lambda one: one.__name__)
def test_what_is_broken_is_named(world: World, breaks: Callable[[World], None]) -> None:
    breaks(world)
    found = wrong()
    expected = [name for name in found if breaks.__name__.startswith("break_" + under(name))]
    assert expected, (breaks.__name__, found)


def under(name: str) -> str:
    return name.replace("-", "_")


def test_each_check_is_broken_by_some_test(dialect: str) -> None:
    elsewhere = {
        "rooms-let-go",
        "requests-decided",
        "offers-passed-on",
        "reminders-go-out",
        "no-orphans",
        "file-is-sound",
    }
    canteen = backend.canteen
    mine = (canteen.accounts, canteen.eaters, canteen.kitchen, canteen.ordering, canteen.pricing)
    later = (canteen.repeating, canteen.guests, canteen.serving, canteen.welfare, canteen.delivery,
             canteen.carrying, canteen.claims)  # fmt: skip
    for service in (backend.market, *mine, *later):
        elsewhere |= {one.name for one in service.check.CHECKS}  # tested beside their services
    tested = {one.__name__ for one in BREAKS}
    for one in check.EVERY_CHECK:
        named = [test for test in tested if test.startswith("break_" + under(one.name))]
        assert named or one.name in elsewhere, one.name


def test_what_is_stuck_for_longer_than_the_grace_period(world: World, now: datetime) -> None:
    until = verbs.offer_until(world.offered)
    assert until
    with clock.frozen(now + HOUR):
        assert wrong() == {}  # reminders are due for an hour exactly
    with clock.frozen(now + HOUR + timedelta(seconds=1)):
        assert set(wrong()) == {"reminders-go-out"}
        assert wrong(2 * HOUR) == {}
    with clock.frozen(until + HOUR + timedelta(seconds=1)):
        assert wrong()["offers-passed-on"][0]["booking"] == world.offered


def test_a_reminder_in_somebodys_hands_is_not_stuck(world: World, now: datetime) -> None:
    with clock.frozen(now + 2 * HOUR):
        assert "reminders-go-out" in wrong()
        db.session.execute(
            text("UPDATE reminder SET claimed_until = due_at"),
        )
        assert "reminders-go-out" in wrong()  # the claim has run out as well
        db.session.execute(text("UPDATE reminder SET claimed_until = '2026-03-11 06:00:00+00'"))
        assert "reminders-go-out" not in wrong()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=False)
def test_orphans_in_an_sqlite_file(world: World) -> None:
    world.sql("PRAGMA defer_foreign_keys = ON")
    world.sql("DELETE FROM booking_event WHERE booking_id = :id", id=world.waiting)
    world.sql("UPDATE booking SET person_id = 987654 WHERE id = :id", id=world.waiting)
    assert wrong()["no-orphans"] == [
        {"table": "booking", "row": world.waiting, "missing_in": "person"}
    ]


def test_the_command_says_all_holds_or_names_the_rows_and_fails(own_app: Flask) -> None:
    with own_app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        with clock.frozen(datetime.now(tz=clock.LOCAL)):
            world = World(Make(clock.now()))
        db.session.commit()
    env = ENVIRON | {"DATABASE_URL": url}
    sound = CliRunner().invoke(main, ["check"], env=env)
    assert sound.exit_code == 0, sound.output
    assert "All" in sound.output
    assert CliRunner().invoke(main, ["check", "--quiet"], env=env).output == ""

    with own_app.app_context():
        break_places_counted(world)
        db.session.commit()
    broken = CliRunner().invoke(main, ["check"], env=env)
    assert broken.exit_code == 1
    assert "WRONG places-counted" in broken.output
    assert f"bookable={world.run_id} taken=1 held=2" in broken.output
    assert "1 of" in broken.output
