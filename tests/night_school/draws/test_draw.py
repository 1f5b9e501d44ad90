"""A draw from its setting up to the bookings that come of it, on both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.errors import Closed, Drawn, NotYetOpen, TooYoung
from backend.booking.models import Booking, State
from backend.booking.service import Actor, cancel
from backend.commands.check import audit
from backend.db import db, transactional
from backend.errors import Invalid, NotFound
from backend.night_school import service as night_school
from backend.night_school.draws import closing, desk, queries, seed, verify
from backend.night_school.draws.errors import (
    AlreadyDrawn,
    NotClosedYet,
    NotCommitted,
    NumberKnownBefore,
    NumberNotOut,
    PlacesFewer,
    RulesFixed,
    RunNotDrawable,
)
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.models import Mode
from backend.night_school.service import Enrolment
from backend.people.deleting import delete_account
from backend.people.merging import merge
from backend.people.own_data import gather
from backend.reminders.models import Reminder
from backend.scheduler import fix_draw_lists
from tests.factories import Make, Signed, fresh
from tests.night_school.draws.drawing import DAY, NUMBER, Drawing


def states(run: Any) -> dict[int, str]:
    rows = db.session.execute(
        select(Booking.person_id, Booking.state)
        .where(Booking.bookable_id == run.id, Booking.state != State.CANCELLED)
        .order_by(Booking.rank, Booking.queue_no)
    )
    return {row.person_id: row.state for row in rows}


def all_holds() -> bool:
    return not [finding for finding in audit(timedelta(hours=1)) if finding.rows]


def wishes(person: Any) -> list[DrawWish]:
    return list(
        db.session.scalars(
            select(DrawWish)
            .join(DrawApplication, DrawApplication.id == DrawWish.application_id)
            .where(DrawApplication.person_id == person.id)
            .order_by(DrawWish.rank)
        )
    )


def residents(make: Make, count: int) -> list[Signed]:
    return [make.resident(f"居民{number}") for number in range(count)]


def test_a_draw_fills_the_run_and_the_others_wait_in_drawn_order(
    drawing: Drawing, make: Make
) -> None:
    run = drawing.run(capacity=2)
    drawing.open(run)
    people = residents(make, 5)
    for who in people:
        drawing.apply(who, run)
    drawing.close()
    tally = drawing.conduct()
    assert tally == {str(run.id): {"places": 2, "applied": 5, "lots": 5, "won": 2, "last": 2}}
    order = {wish.position: wish for who in people for wish in wishes(who.person)}
    assert [order[n].got for n in range(1, 6)] == ["won", "won", "full", "full", "full"]
    found = states(run)
    assert list(found.values()).count("confirmed") == 2
    waiting = [person_id for person_id, state in found.items() if state == "waiting"]
    by_position = [db.session.get_one(Booking, order[n].booking_id).person_id for n in (3, 4, 5)]
    assert waiting == by_position
    run = fresh(run)
    assert (run.taken, run.waiting, run.queue_tail, run.mode) == (2, 3, 3, Mode.FIRST_COME)
    kinds = list(db.session.scalars(select(Reminder.kind)))
    assert sorted(kinds) == ["booked"] * 2 + ["waitlisted"] * 3
    assert all_holds()


def test_a_place_given_back_goes_down_the_drawn_order(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    for who in residents(make, 3):
        drawing.apply(who, run)
    drawing.close()
    drawing.conduct()
    winner, second, third = states(run)
    if states(run)[winner] != "confirmed":
        winner, second, third = second, third, winner
    ordered = sorted(
        (wish.position, wish.booking_id) for wish in db.session.scalars(select(DrawWish))
    )
    first, next_one = (db.session.get_one(Booking, booking_id) for _, booking_id in ordered[:2])
    transactional(lambda: cancel(db.session(), first.id, Actor(staff_id=None), drawing.drawn_at))()
    assert states(run)[next_one.person_id] == "offered"
    assert all_holds()


def test_signing_up_first_come_is_refused_and_says_when_to_apply(
    drawing: Drawing, make: Make
) -> None:
    run = drawing.run()
    drawing.open(run)
    who = make.resident()
    for at in (drawing.now, drawing.open_at + DAY):
        with pytest.raises(Drawn) as refused:
            transactional(
                lambda at=at: night_school.enrol(
                    db.session(), who.me, Enrolment(run_id=run.id, person_id=who.person.id), at
                )
            )()
        assert refused.value.data["draw_id"] == drawing.id
        assert refused.value.data["opens_at"] == drawing.rules.opens_at
        assert "摇号" in str(refused.value)


def test_what_is_left_after_the_draw_goes_to_whoever_comes_first(
    drawing: Drawing, make: Make
) -> None:
    run = drawing.run(capacity=3)
    drawing.open(run)
    drawing.apply(make.resident(), run)
    drawing.close()
    drawing.conduct()
    late = make.resident("后来的")
    asked = Enrolment(run_id=run.id, person_id=late.person.id)
    booked = transactional(
        lambda: night_school.enrol(db.session(), late.me, asked, drawing.drawn_at)
    )()
    assert booked.state == State.CONFIRMED


def test_who_comes_after_the_draw_stands_behind_the_drawn_order(
    drawing: Drawing, make: Make
) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    for who in residents(make, 3):
        drawing.apply(who, run)
    drawing.close()
    drawing.conduct()
    late = make.resident("后来的")
    asked = Enrolment(run_id=run.id, person_id=late.person.id, wait=True)
    transactional(lambda: night_school.enrol(db.session(), late.me, asked, drawing.drawn_at))()
    assert list(states(run))[-1] == late.person.id or states(run)[late.person.id] == "waiting"
    line = [one for one, state in states(run).items() if state == "waiting"]
    assert line[-1] == late.person.id


def test_the_last_application_before_the_close_counts(drawing: Drawing, make: Make) -> None:
    first, second = drawing.run(), drawing.run()
    drawing.open(first, second)
    who = make.resident()
    drawing.apply(who, first, second)
    code = db.session.scalars(select(DrawApplication.code)).one()
    drawing.apply(who, second)
    assert [wish.run_id for wish in wishes(who.person)] == [second.id]
    assert db.session.scalars(select(DrawApplication.code)).one() == code


@pytest.mark.parametrize(
    ("at", "refusal"), [(timedelta(), NotYetOpen), (3 * DAY, Closed), (9 * DAY, Closed)]
)
def test_the_window_is_the_window(
    drawing: Drawing, make: Make, at: timedelta, refusal: Any
) -> None:
    run = drawing.run()
    drawing.open(run)
    with pytest.raises(refusal):
        drawing.apply(make.resident(), run, at=drawing.now + at)


def test_an_unpublished_draw_is_not_there(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.set_up(run)
    with pytest.raises(NotFound):
        drawing.apply(make.resident(), run)
    with pytest.raises(NotFound):
        queries.get_draw(db.session(), drawing.id, drawing.now)


def test_limits_and_runs_of_other_draws_are_refused(drawing: Drawing, make: Make) -> None:
    runs = [drawing.run() for _ in range(6)]
    drawing.open(*runs)
    who, other = make.resident(), drawing.run()
    with pytest.raises(Invalid):
        drawing.apply(who, *runs)
    with pytest.raises(Invalid):
        drawing.apply(who, other)
    with pytest.raises(Invalid):
        drawing.apply(who, runs[0], most=2)
    with pytest.raises(NotFound):
        drawing.apply(who, runs[0], people=[make.person("别人")])


def test_the_rules_of_a_run_hold_when_applying_and_at_the_close(
    drawing: Drawing, make: Make
) -> None:
    old, free = drawing.run(min_age=60), drawing.run()
    drawing.open(old, free)
    young = make.resident("小王", birth_date=drawing.now.date().replace(year=2000))
    with pytest.raises(TooYoung) as refused:
        drawing.apply(young, free, old)
    assert refused.value.data["run_id"] == old.id
    who = make.resident()
    drawing.apply(who, old, free)
    db.session.get_one(type(who.person), who.person.id).birth_date = young.person.birth_date
    db.session.commit()
    drawing.close()
    drawing.conduct()
    assert [wish.got for wish in wishes(who.person)] == ["barred", "won"]


def test_a_household_is_drawn_as_one_and_a_new_application_leaves_it(
    drawing: Drawing, make: Make
) -> None:
    run, other = drawing.run(capacity=2), drawing.run(capacity=9)
    drawing.open(run, other)
    mother, child = make.resident("妈妈"), make.person("孩子")
    make.consent(mother.account, child)
    both = [mother.person, child]
    drawing.apply(mother, run, people=both, together=True)
    codes = set(db.session.scalars(select(DrawApplication.together)))
    assert len(codes) == 1
    assert None not in codes
    drawing.apply(mother, other)
    assert set(db.session.scalars(select(DrawApplication.together))) == {None}
    drawing.apply(mother, run, people=both, together=True)
    drawing.close()
    drawing.conduct()
    assert set(states(run).values()) == {"confirmed"}
    parties = set(db.session.scalars(select(Booking.party_id)))
    assert len(parties) == 1
    assert None not in parties
    assert all_holds()


def test_weights_are_tickets_on_the_fixed_list(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=9)
    drawing.open(run)
    neighbour = make.resident("邻居", home_place_id=drawing.place.id)
    veteran = make.resident("老学员")
    earlier = make.run()
    asked = Enrolment(run_id=earlier.id, person_id=veteran.person.id)
    transactional(lambda: night_school.enrol(db.session(), veteran.me, asked, drawing.now))()
    drawing.apply(neighbour, run)
    drawing.apply(veteran, run)
    drawing.close()
    assert [wish.tickets for wish in wishes(neighbour.person)] == [3]
    assert [wish.tickets for wish in wishes(veteran.person)] == [1]


def test_withdrawing_before_the_close_leaves_no_trace(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    who = make.resident()
    drawing.apply(who, run)
    drawing.withdraw(who)
    drawing.withdraw(who)
    assert db.session.scalars(select(DrawApplication)).all() == []


def test_withdrawing_after_the_close_passes_the_place_on(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    people = residents(make, 3)
    for who in people:
        drawing.apply(who, run)
    drawing.close()
    before = fresh(db.session.get_one(Draw, drawing.id)).entries_sha256
    for who in people[:2]:
        drawing.withdraw(who, at=drawing.closed_at + timedelta(hours=1))
    drawing.conduct()
    assert fresh(db.session.get_one(Draw, drawing.id)).entries_sha256 == before
    (state,) = states(run).values()
    assert state in ("confirmed", "offered")
    assert all_holds()
    with pytest.raises(AlreadyDrawn):
        drawing.withdraw(people[2], at=drawing.drawn_at)


def test_the_published_file_is_checked_by_anybody(drawing: Drawing, make: Make) -> None:
    runs = [drawing.run(capacity=2), drawing.run(capacity=1)]
    drawing.open(*runs)
    shown = fresh(db.session.get_one(Draw, drawing.id)).commitment
    people = residents(make, 6)
    for who in people:
        drawing.apply(who, *runs)
    drawing.close()
    fixed = fresh(db.session.get_one(Draw, drawing.id)).entries_sha256
    drawing.conduct()
    text = queries.file_of(db.session(), drawing.id)
    file = json.loads(text)
    assert verify.problems_of(file) == []
    assert (file["commitment"], file["entries_sha256"]) == (shown, fixed)
    assert seed.canonical(file) == text
    assert not any(who.person.name in text for who in people)
    codes = set(db.session.scalars(select(DrawApplication.code)))
    assert {one["code"] for one in file["entries"]["applications"]} == codes


def test_it_is_drawn_once_and_only_when_its_time_has_come(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    drawing.apply(make.resident(), run)
    with pytest.raises(NotClosedYet):
        drawing.conduct()
    with pytest.raises(NotClosedYet):
        drawing.does(desk.close, drawing.id, drawing.open_at)
    drawing.close()
    early = drawing.closed_at + timedelta(hours=1)
    with pytest.raises(NumberNotOut):
        drawing.does(desk.conduct, drawing.id, NUMBER, early)
    drawing.does(desk.conduct, drawing.id, NUMBER, drawing.drawn_at)
    first = queries.file_of(db.session(), drawing.id)
    with pytest.raises(AlreadyDrawn):
        drawing.does(desk.conduct, drawing.id, "999", drawing.drawn_at)
    assert queries.file_of(db.session(), drawing.id) == first


def test_it_does_not_open_without_its_fingerprint(drawing: Drawing) -> None:
    drawing.set_up(drawing.run())
    with pytest.raises(NotCommitted):
        drawing.does(desk.publish, drawing.id, drawing.now)
    drawing.does(desk.seal, drawing.id, drawing.now)
    shown = fresh(db.session.get_one(Draw, drawing.id)).commitment
    drawing.does(desk.seal, drawing.id, drawing.now)
    assert fresh(db.session.get_one(Draw, drawing.id)).commitment == shown
    drawing.does(desk.publish, drawing.id, drawing.now)


def test_what_residents_were_told_stays(drawing: Drawing) -> None:
    run, other = drawing.run(), drawing.run()
    drawing.open(run)
    with pytest.raises(RulesFixed):
        drawing.does(desk.change_draw, drawing.id, drawing.rules, drawing.now)
    with pytest.raises(RulesFixed):
        drawing.does(desk.set_runs, drawing.id, [run.id, other.id], drawing.now)
    later = drawing.now + 9 * DAY
    with pytest.raises(RulesFixed):
        drawing.does(desk.name_number, drawing.id, "下一期", later, drawing.open_at)


def test_a_number_that_is_out_before_the_close_is_not_taken(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    drawing.apply(make.resident(), run)
    late = drawing.rules.number_at + DAY
    with pytest.raises(NumberKnownBefore):
        transactional(lambda: closing.fix(db.session(), drawing.id, late))()
    drawing.does(desk.name_number, drawing.id, "下一期", late + DAY, late)
    assert transactional(lambda: closing.fix(db.session(), drawing.id, late))()


def test_runs_that_are_open_booked_or_elsewhere_are_not_drawn(drawing: Drawing, make: Make) -> None:
    mine = drawing.run()
    drawing.set_up(mine)
    for run in (make.run(lead=20 * DAY), drawing.run(cancelled_at=drawing.now)):
        with pytest.raises(RunNotDrawable):
            drawing.does(desk.set_runs, drawing.id, [mine.id, run.id], drawing.now)
    drawing.does(desk.set_runs, drawing.id, [], drawing.now)
    assert fresh(mine).mode == Mode.FIRST_COME


def test_fewer_places_than_were_fixed_stop_the_draw(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=3)
    drawing.open(run)
    for who in residents(make, 3):
        drawing.apply(who, run)
    drawing.close()
    db.session.get_one(type(run), run.id).capacity = 2
    db.session.commit()
    with pytest.raises(PlacesFewer):
        drawing.conduct()
    assert fresh(db.session.get_one(Draw, drawing.id)).drawn_at is None


def test_a_run_cancelled_after_the_close_books_nobody(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    drawing.apply(make.resident(), run)
    drawing.close()
    db.session.get_one(type(run), run.id).cancelled_at = drawing.closed_at
    db.session.commit()
    drawing.conduct()
    assert states(run) == {}
    assert all_holds()


def test_the_scheduler_fixes_the_list_in_time(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    drawing.apply(make.resident(), run)
    with clock.frozen(drawing.closed_at):
        assert fix_draw_lists(lambda: False) == 1
        assert fix_draw_lists(lambda: False) == 0
    assert fresh(db.session.get_one(Draw, drawing.id)).closed_at == drawing.closed_at


def test_a_dry_run_keeps_nothing(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    for who in residents(make, 4):
        drawing.apply(who, run)
    with pytest.raises(NotClosedYet):
        drawing.does(desk.rehearse, drawing.id, drawing.open_at)
    drawing.close()
    tally = desk.rehearse(db.session(), drawing.me, drawing.id, drawing.closed_at)
    assert tally[str(run.id)]["won"] == 1
    assert states(run) == {}
    assert {wish.got for wish in db.session.scalars(select(DrawWish))} == {None}


def test_each_reads_why(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    people = residents(make, 2)
    for who in people:
        drawing.apply(who, run)
    drawing.close()
    drawing.conduct()
    told = [
        queries.list_mine(db.session(), who.me, drawing.drawn_at)[0]["wishes"][0] for who in people
    ]
    lost, won = sorted(told, key=lambda wish: wish["got"])
    assert (won["position"], lost["position"]) == (1, 2)
    assert (lost["got"], lost["lots"], lost["places"], lost["last"]) == ("full", 2, 1, 1)
    assert queries.list_mine(db.session(), make.resident().me, drawing.drawn_at) == []


def test_deleted_and_merged_people_and_their_own_data(drawing: Drawing, make: Make) -> None:
    run = drawing.run(capacity=5)
    drawing.open(run)
    gone, double, stays = residents(make, 3)
    for who in (gone, double, stays):
        drawing.apply(who, run)
    titles = [part["title"] for part in gather(db.session(), gone.me, drawing.now)["sections"]]
    assert "摇号登记" in titles
    transactional(lambda: delete_account(db.session(), gone.me, drawing.open_at))()
    transactional(lambda: merge(db.session(), double.person.id, stays.person.id, drawing.open_at))()
    assert list(db.session.scalars(select(DrawApplication.person_id))) == [stays.person.id]
    drawing.close()
    drawing.conduct()
    assert states(run) == {stays.person.id: "confirmed"}
    assert all_holds()


def test_another_community_does_not_reach_it(drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.set_up(run)
    elsewhere = Drawing(make)
    elsewhere.me = elsewhere.me.__class__(elsewhere.me.staff_id, "别处", ())
    with pytest.raises(NotFound):
        elsewhere.does(desk.publish, drawing.id, drawing.now)
