"""Rooms out of use: what a block hits, ending exactly that, who is told, and giving rooms back."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, BookingEvent, State
from backend.commands.check import audit
from backend.db import RunAgain, db
from backend.errors import NotFound
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.places.occupancy import Use
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from backend.venues import coming, errors, service
from backend.venues.blocks import service as blocks
from backend.venues.blocks.models import RoomBlock, RoomBlockHit
from backend.venues.blocks.service import Wanted
from backend.venues.models import OpenRoom
from tests.venues.conftest import at

HOUR = timedelta(hours=1)


@pytest.fixture
def wanted(house):
    def of(*rooms, start=None, end=None, **more) -> Wanted:
        given = {"reason": "设备检修", "venue_id": house.hall.venue_id} | more
        ids = tuple(one if isinstance(one, int) else one.id for one in rooms)
        return Wanted(
            room_ids=ids, starts_at=start or at(2, 8), ends_at=end or at(2, 18), **given
        )  # fmt: skip

    return of


@pytest.fixture
def reserve(house, neighbour, session, now):
    def make_one(name="王秀英", room=None, start=None, **more):
        who = neighbour(name)
        asked = house.wanted(room or house.hall, who, start or at(2, 14), **more)
        return who, service.reserve(session, who.me, asked, now).booking_id

    return make_one


@pytest.fixture
def block(session, worker, now):
    """Look, then do exactly that."""

    def make_one(asked, at_=now):
        shown = blocks.plan(session, worker, asked, at_).tokens
        return blocks.make(session, worker, asked, shown, at_)

    return make_one


def state(booking_id) -> str:
    return db.session.get_one(Booking, booking_id, populate_existing=True).state


def in_use() -> list[tuple]:
    rows = db.session.execute(
        select(Occupancy.starts_at, Occupancy.ends_at, Occupancy.occupant_kind)
    )
    return sorted(tuple(row) for row in rows)


def last_told(session, who, booking_id, now) -> str | None:
    row = session.scalars(
        select(Reminder).where(Reminder.booking_id == booking_id).order_by(Reminder.id.desc())
    ).first()
    due = Due(row.id, row.kind, who.person.id, "王秀英", booking_id=booking_id,
              facts=row.facts or {})  # fmt: skip
    return next((one.body for one in compose(session, [due], now).messages.values()), None)


def sound() -> bool:
    db.session.commit()
    return not [one for one in audit(timedelta(hours=1)) if one.rows]


@pytest.mark.parametrize(
    ("room", "start", "hours", "hit"),
    [
        ("hall", at(2, 14), 1, True),
        ("left", at(2, 14), 1, True),  # a half of the hall
        ("hall", at(2, 17), 2, True),  # in part
        ("hall", at(2, 18), 1, False),  # begins as the block ends
        ("hall", at(3, 14), 1, False),
    ],
)
def test_who_is_hit(
    house, wanted, reserve, block, worker, session, now, room, start, hours, hit
) -> None:
    who, booking_id = reserve(room=getattr(house, room), start=start, hours=hours)
    asked = wanted(house.hall)
    found = blocks.plan(session, worker, asked, now).hits
    assert [one.booking_id for one in found] == ([booking_id] if hit else [])
    block_id = block(asked)
    assert state(booking_id) == (State.CANCELLED if hit else State.CONFIRMED)
    taken = session.scalar(
        select(OpenRoom.taken).where(OpenRoom.room_id == getattr(house, room).id)
    )
    assert taken == (0 if hit else 1)
    if hit:
        assert last_told(session, who, booking_id, now).endswith("已取消。原因：设备检修。")
        event = session.scalars(select(BookingEvent).order_by(BookingEvent.id.desc())).first()
        assert (event.staff_id, event.reason) == (worker.staff_id, "设备检修")
    assert list(session.scalars(select(RoomBlockHit.booking_id))) == ([booking_id] if hit else [])
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id, entry.place_id) == (
        "room_block.create", block_id, house.place.id,
    )  # fmt: skip
    assert entry.after["bookings"] == ([booking_id] if hit else [])
    assert sound()


def test_requests_are_declined(house, make, wanted, reserve, block, session, now) -> None:
    make.rules(house.hall, approval=True)
    who, booking_id = reserve()
    block(wanted(house.left))
    assert state(booking_id) == State.DECLINED
    assert last_told(session, who, booking_id, now).endswith("没有通过。原因：设备检修。")
    assert sound()


def test_a_whole_venue_takes_each_part_once(house, wanted, reserve, block, session, now) -> None:
    ids = [
        reserve(name, room)[1] for name, room in (("王秀英", house.left), ("李建国", house.right))
    ]
    block(wanted())
    assert [state(one) for one in ids] == [State.CANCELLED] * 2
    assert in_use() == [(at(2, 8), at(2, 18), "block")] * 2  # two halves, three rooms
    assert sound()


def test_whoever_wants_the_room_then_reads_why(house, neighbour, wanted, block, session, now, api):
    block(wanted(house.hall, end=at(2, 12)))
    who = neighbour()
    for start, refusal in ((at(2, 11), errors.InUse), (at(2, 12), None)):  # no gap after a block
        asked = house.wanted(house.left, who, start)
        if refusal is None:
            assert service.reserve(session, who.me, asked, now).state == State.CONFIRMED
            continue
        with pytest.raises(refusal) as refused:
            service.reserve(session, who.me, asked, now)
        assert str(refused.value) == "这个时间场馆另有安排：设备检修。"
    session.commit()
    days = api.get(f"/venues/rooms/{house.left.id}/starts").json["data"]["days"]
    told = {one["starts_at"][11:16]: (one["use"], one.get("why")) for one in days[2]["starts"]}
    assert told["11:30"] == ("block", "设备检修")
    assert told["12:00"] == ("reservation", None)
    assert told["13:00"] == (None, None)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"end": at(2, 8)}, errors.EndsBeforeStart),
        ({"end": at(2, 7)}, errors.EndsBeforeStart),
        ({"start": at(-1, 8), "end": at(-1, 9)}, errors.Past),
        ({"end": at(2 + 366, 9)}, errors.BlockTooLong),
        ({"venue_id": 99999}, NotFound),
    ],
)
def test_bad_times_and_places(house, wanted, worker, session, now, more, refusal) -> None:
    for verb in (blocks.plan, lambda *a: blocks.make(*a[:3], (), a[3])):
        with pytest.raises(refusal):
            verb(session, worker, wanted(house.hall, **more), now)


def test_rooms_and_venues_of_others_are_not_there(house, make, wanted, worker, block, session, now):
    elsewhere = make.place(name="滨江社区")
    theirs = make.open_room(elsewhere)
    scope = Scope(Role.WORKER, elsewhere.id, elsewhere.path, elsewhere.name)
    other = SignedInStaff(make.staff("worker", elsewhere).id, "周敏", (scope,))
    block_id = block(wanted(house.hall))
    for me, asked in (
        (worker, wanted(theirs)), (worker, wanted(house.hall, theirs)), (worker, wanted(99999)),
        (worker, wanted(venue_id=theirs.venue_id)), (other, wanted(house.hall)),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            blocks.plan(session, me, asked, now)
    for me, ident in ((other, block_id), (worker, 99999)):
        with pytest.raises(NotFound):
            blocks.remove(session, me, ident, now)


def test_exactly_what_was_shown_ends(house, wanted, reserve, worker, session, now) -> None:
    _, first = reserve()
    asked = wanted(house.hall)
    shown = {hit.token for hit in blocks.plan(session, worker, asked, now).hits}
    _, second = reserve("李建国", house.left, at(2, 9))
    with pytest.raises(errors.ListChanged):
        blocks.make(session, worker, asked, shown, now)
    assert state(first) == state(second) == State.CONFIRMED
    service.change_at_desk(
        session, worker.staff_id, second, service.Change(starts_at=at(3, 9), ends_at=at(3, 10)), now
    )
    blocks.make(session, worker, asked, shown, now)
    assert (state(first), state(second)) == (State.CANCELLED, State.CONFIRMED)


def test_lessons_and_other_blocks_are_named_and_stay(
    house, wanted, reserve, block, worker, session, now
) -> None:
    _, booking_id = reserve()
    occupancy.occupy(
        session, [Use(house.left.id, at(2, 9), at(2, 10), OccupantKind.LESSON, 7)], now
    )  # fmt: skip
    earlier = block(wanted(house.right, start=at(2, 10), end=at(2, 11)))
    found = blocks.plan(session, worker, wanted(), now)
    assert [(use.kind, use.occupant_id) for use in found.others] == [
        ("lesson", 7), ("block", earlier),
    ]  # fmt: skip
    with pytest.raises(errors.OthersInTheWay):
        block(wanted())
    assert state(booking_id) == State.CONFIRMED
    block(wanted(start=at(2, 11)))
    assert state(booking_id) == State.CANCELLED
    assert {kind for *_, kind in in_use()} == {"lesson", "block"}


SPANS = [at(2, 8 + hour) for hour in range(11)]


@given(
    taken=st.lists(
        st.tuples(st.sampled_from(["left", "right", "hall"]), st.integers(0, 9), st.integers(1, 4)),
        max_size=6,
    ),
    span=st.tuples(st.integers(0, 9), st.integers(1, 10)),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_around_others_it_takes_exactly_what_is_left(
    house, wanted, block, worker, session, now, taken, span
) -> None:
    """Whatever stands there: the pieces and the others together fill the time, nothing twice."""
    parts = {"left": {"left"}, "right": {"right"}, "hall": {"left", "right"}}
    start, end = span[0], min(sum(span), 10)
    hours: dict[str, set[int]] = {"left": set(), "right": set()}
    with session.begin_nested() as point:
        for number, (name, first, length) in enumerate(taken, 1):
            use = set(range(first, min(first + length, 10)))
            if any(use & hours[part] for part in parts[name]):
                continue
            for part in parts[name]:
                hours[part] |= use
            one = Use(
                getattr(house, name).id, SPANS[first], SPANS[min(first + length, 10)],
                OccupantKind.LESSON, number,
            )  # fmt: skip
            occupancy.occupy(session, [one], now)
        free = {part: set(range(start, end)) - hours[part] for part in hours}
        asked = wanted(house.hall, start=SPANS[start], end=SPANS[end], around=True)
        others = blocks.plan(session, worker, asked, now).others
        if not any(free.values()):
            with pytest.raises(errors.NothingLeft):
                block(asked)
        else:
            block_id = block(asked)
            assert session.get_one(RoomBlock, block_id).around is bool(others)
            atoms = dict(
                session.execute(
                    select(RoomAtom.atom_id, RoomAtom.room_id).where(
                        RoomAtom.room_id.in_((house.left.id, house.right.id))
                    )
                ).all()
            )
            found: dict[str, list[int]] = {"left": [], "right": []}
            for row in session.scalars(select(Occupancy).where(Occupancy.occupant_kind == "block")):
                part = "left" if atoms[row.atom_id] == house.left.id else "right"
                first = SPANS.index(clock.local(row.starts_at))
                found[part] += range(first, SPANS.index(clock.local(row.ends_at)))
            assert {part: sorted(one) for part, one in found.items()} == {
                part: sorted(one) for part, one in free.items()
            }
            blocks.remove(session, worker, block_id, now)
            assert {kind for *_, kind in in_use()} <= {"lesson"}
        point.rollback()


def test_around_a_lesson_exactly_as_shown(house, wanted, reserve, worker, session, now) -> None:
    _, booking_id = reserve()
    lesson = Use(house.left.id, at(2, 9), at(2, 10), OccupantKind.LESSON, 7)
    occupancy.occupy(session, [lesson], now)
    asked = wanted(house.hall, around=True)
    shown = blocks.plan(session, worker, asked, now).tokens
    occupancy.occupy(
        session, [Use(house.right.id, at(2, 16), at(2, 17), OccupantKind.LESSON, 8)], now
    )  # fmt: skip
    with pytest.raises(errors.ListChanged):
        blocks.make(session, worker, asked, shown, now)
    assert state(booking_id) == State.CONFIRMED
    shown = blocks.plan(session, worker, asked, now).tokens
    block_id = blocks.make(session, worker, asked, shown, now)
    assert state(booking_id) == State.CANCELLED
    blocks.remove(session, worker, block_id, at(2, 12))  # one step gives all of it back
    assert [one for one in in_use() if one[2] == "block"] == [
        (at(2, 8), at(2, 9), "block"), (at(2, 8), at(2, 12), "block"),
        (at(2, 10), at(2, 12), "block"),
    ]  # fmt: skip


@pytest.mark.parametrize("came", [True, False])
def test_who_is_in_the_room_already_stops_early(
    house, make, wanted, reserve, block, worker, session, came
) -> None:
    make.rules(house.hall, no_show_minutes=30)
    who, booking_id = reserve(hours=3)
    late = at(2, 14, 10)
    if came:
        coming.check_in_at_desk(session, worker.staff_id, booking_id, late)
    asked = wanted(house.left, start=at(2, 15), end=at(2, 20))
    [hit] = blocks.plan(session, worker, asked, late).hits
    assert hit.until == at(2, 15)
    block(asked, late)
    stands = session.get_one(Booking, booking_id, populate_existing=True)
    assert (stands.state, stands.ends_at) == (
        State.ATTENDED if came else State.CONFIRMED, at(2, 15),
    )  # fmt: skip
    assert last_told(session, who, booking_id, late).endswith(
        "今天用到 15:00 为止，后面的时间场馆另有安排。原因：设备检修。"
    )
    assert in_use()[0] == in_use()[1] == (at(2, 14), at(2, 15), "reservation")
    assert sound()


def test_at_once(house, make, wanted, reserve, block, session) -> None:
    """A burst pipe: who waits at the door already is cancelled, who sits there stops now."""
    make.rules(house.hall, no_show_minutes=30, check_in_minutes=60)
    _, running = reserve(hours=2)
    next_one, early = reserve("李建国", start=at(2, 16))
    late = at(2, 15, 20)
    coming.check_in_at_desk(session, None, early, late)
    # The first did not come: that is noted before anything else happens.
    with pytest.raises(RunAgain) as again, session.begin_nested():
        block(wanted(house.hall), late)
    assert again.value.first() == 1
    block_id = block(wanted(house.hall, start=at(2, 8)), late)
    assert (state(running), state(early)) == (State.MISSED, State.CANCELLED)
    assert last_told(session, next_one, early, late).endswith("原因：设备检修。")
    assert session.get_one(RoomBlock, block_id).starts_at == late  # the past is not rewritten
    assert sound()


def test_giving_the_room_back(house, wanted, reserve, block, worker, session, now) -> None:
    _, booking_id = reserve()
    block_id = block(wanted(house.hall))
    assert blocks.remove(session, worker, block_id, now) == house.hall.venue_id
    assert (in_use(), session.scalar(select(func.count()).select_from(RoomBlock))) == ([], 0)
    assert state(booking_id) == State.CANCELLED  # what it ended stays ended
    running = block(wanted(house.hall))
    blocks.remove(session, worker, running, at(2, 10))
    assert in_use() == [(at(2, 8), at(2, 10), "block")] * 2
    blocks.remove(session, worker, running, at(2, 11))  # over: nothing changes
    assert session.get_one(RoomBlock, running, populate_existing=True).ends_at == at(2, 10)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["room_block.create", "room_block.remove"] * 2
    assert sound()
