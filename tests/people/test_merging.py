"""Merging two entries for one human: everything follows, and no unique key is in the way."""

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, BookingEvent
from backend.db import db, transactional
from backend.night_school.models import Attendance, Lesson
from backend.people import merging
from backend.people.models import (
    AccessToken,
    Account,
    Consent,
    Identity,
    IdentityKind,
    Person,
)
from backend.reminders.models import InboxMessage, Kind, Reminder
from tests.factories import Make, fresh

_numbers = count(1)


def merge(gone: Person, kept: Person, make: Make) -> None:
    transactional(merging.merge)(db.session(), gone.id, kept.id, make.now)
    db.session.expire_all()


def book(make: Make, run, person: Person, state: str = "confirmed", **given) -> Booking:
    """A booking as the engine would have left it."""
    number = next(_numbers)
    booking = make.add(
        Booking(
            **{
                "bookable_id": run.id, "person_id": person.id, "state": state,
                "once_key": f"run:{run.id}", "starts_at": run.starts_at, "ends_at": run.ends_at,
                "code": f"code{number}", "short_code": f"{number:06d}", "created_at": make.now,
            }
            | given
        )
    )  # fmt: skip
    run = fresh(run)
    if state in ("confirmed", "offered", "attended"):
        run.taken += 1
    elif state == "waiting":
        run.waiting += 1
        run.queue_tail += 1
        booking.queue_no = run.queue_tail
    db.session.commit()
    return booking


def states(run) -> dict[int, str]:
    rows = db.session.execute(
        select(Booking.id, Booking.state).where(Booking.bookable_id == run.id)
    )
    return {row.id: row.state for row in rows}


def test_the_gaps_are_filled_and_nothing_is_overwritten(make: Make) -> None:
    gone = make.person("王秀英", phone="13800001111", note="怕冷", gender="female")
    kept = make.person("王秀英", birth_date=date(1951, 5, 1), note="住三楼")
    merge(gone, kept, make)
    kept, gone = fresh(kept), fresh(gone)
    assert (kept.phone, kept.note, kept.gender) == ("13800001111", "住三楼", "female")
    assert kept.birth_date == date(1951, 5, 1)
    assert kept.phone_hash
    assert (gone.merged_into_id, gone.phone, gone.phone_hash) == (kept.id, None, None)


def test_what_was_merged_before_points_at_the_last(make: Make) -> None:
    first, second, third = make.person(), make.person(), make.person()
    merge(first, second, make)
    merge(second, third, make)
    assert fresh(first).merged_into_id == third.id


def test_one_entry_twice_or_a_merged_one_is_a_mistake(make: Make) -> None:
    one, other = make.person(), make.person()
    with pytest.raises(ValueError):
        merge(one, one, make)
    merge(one, other, make)
    with pytest.raises(ValueError):
        merge(one, other, make)


@pytest.mark.parametrize(
    ("gone_state", "kept_state", "stays"),
    [
        ("confirmed", "confirmed", "older"),
        ("confirmed", "waiting", "gone"),
        ("waiting", "confirmed", "kept"),
        ("offered", "waiting", "gone"),
        ("confirmed", "offered", "gone"),
        ("waiting", "waiting", "older"),
        ("attended", "confirmed", "gone"),
    ],
)
def test_of_two_live_bookings_the_better_stays(
    make: Make, gone_state: str, kept_state: str, stays: str
) -> None:
    in_line = [gone_state, kept_state].count("waiting")
    run, gone, kept = make.run(capacity=3 - in_line), make.person(), make.person("王秀英")
    book(make, run, make.person("李建国"))  # the class is full, so that nobody is promoted
    until = {"offer_until": make.now + timedelta(hours=5)}
    first = book(make, run, gone, gone_state, **(until if gone_state == "offered" else {}))
    second = book(make, run, kept, kept_state, **(until if kept_state == "offered" else {}))
    merge(gone, kept, make)
    better, worse = (second, first) if stays == "kept" else (first, second)
    after = states(run)
    assert after[worse.id] == "cancelled"
    assert after[better.id] == {first.id: gone_state, second.id: kept_state}[better.id]
    assert {fresh(first).person_id, fresh(second).person_id} == {kept.id}
    held = sum(state in ("confirmed", "offered", "attended") for state in after.values())
    waiting = sum(state == "waiting" for state in after.values())
    assert (fresh(run).taken, fresh(run).waiting) == (held, waiting)
    reason = db.session.scalars(
        select(BookingEvent.reason).where(BookingEvent.booking_id == worse.id)
    ).all()
    assert reason == ["merged"]


def test_the_place_given_back_is_offered_to_the_next(make: Make) -> None:
    run = make.run(capacity=2)
    gone, kept, li = make.person(), make.person(), make.resident("李建国").person
    book(make, run, gone)
    book(make, run, kept)
    next_up = book(make, run, li, "waiting")
    merge(gone, kept, make)
    assert fresh(next_up).state == "offered"
    assert (fresh(run).taken, fresh(run).waiting) == (2, 0)


def test_an_ended_booking_of_the_same_run_is_no_conflict(make: Make) -> None:
    run, gone, kept = make.run(), make.person(), make.person()
    old = book(make, run, gone, "cancelled")
    live = book(make, run, kept)
    merge(gone, kept, make)
    assert states(run) == {old.id: "cancelled", live.id: "confirmed"}
    assert fresh(old).person_id == kept.id


def test_two_accounts_become_one(make: Make) -> None:
    gone, kept = make.resident(phone="13800001111"), make.resident("王秀英", phone="13800002222")
    phone = make.add(
        Identity(
            account_id=gone.account.id, kind=IdentityKind.PHONE,
            subject=gone.person.phone_hash, created_at=make.now,
        )
    )  # fmt: skip
    merge(gone.person, kept.person, make)
    assert fresh(gone.account).closed_at == make.now
    assert fresh(kept.account).closed_at is None
    assert fresh(phone).account_id == kept.account.id
    owners = db.session.scalars(
        select(Identity.account_id).where(Identity.kind == IdentityKind.WECHAT)
    )
    assert set(owners) == {kept.account.id}
    assert set(db.session.scalars(select(AccessToken.account_id))) == {kept.account.id}


@pytest.mark.parametrize(("own", "left"), [(None, "link-of-gone"), ("own-link", "own-link")])
def test_a_calendar_link_follows_where_there_is_none(make: Make, own, left) -> None:
    gone, kept = make.resident(), make.resident()
    gone.account.calendar_token, kept.account.calendar_token = "link-of-gone", own
    db.session.commit()
    merge(gone.person, kept.person, make)
    assert fresh(kept.account).calendar_token == left
    assert fresh(gone.account).calendar_token is None


def test_both_phones_sign_in_to_the_same_account_afterwards(api, make: Make) -> None:
    gone, kept = make.resident(), make.resident()
    merge(gone.person, kept.person, make)
    for one in (gone, kept):
        answer = api.get("/bookings", as_=one.token)
        assert answer.status_code == 200, answer.json


def test_the_only_account_moves(make: Make) -> None:
    gone, kept = make.resident(), make.person("王秀英")
    merge(gone.person, kept, make)
    assert fresh(gone.account).person_id == kept.id
    assert fresh(gone.account).closed_at is None


def test_keys_of_two_accounts_do_not_collide(make: Make) -> None:
    gone, kept = make.resident(), make.resident()
    one, other = make.run(), make.run()
    first = book(make, one, gone.person, account_id=gone.account.id, idempotency_key="k")
    book(make, other, kept.person, account_id=kept.account.id, idempotency_key="k")
    merge(gone.person, kept.person, make)
    assert fresh(first).account_id == kept.account.id


def test_consents_of_one_daughter_for_both_entries(make: Make) -> None:
    daughter, gone, kept = make.resident("李娜"), make.person(), make.person()
    asked = make.consent(daughter.account, kept, given_at=None)
    given = make.consent(daughter.account, gone)
    merge(gone, kept, make)
    assert fresh(given).person_id == kept.id
    assert fresh(given).withdrawn_at is None
    assert fresh(asked).withdrawn_at == make.now


def test_consents_of_two_accounts_for_one_father(make: Make) -> None:
    gone, kept, father = make.resident("李娜"), make.resident("李娜"), make.person("李建国")
    first, second = make.consent(gone.account, father), make.consent(kept.account, father)
    merge(gone.person, kept.person, make)
    live = [one for one in (first, second) if fresh(one).withdrawn_at is None]
    assert [fresh(one).account_id for one in live] == [kept.account.id]


def test_a_consent_between_the_two_entries_ends(make: Make) -> None:
    """Somebody registered their own second entry as a relative."""
    gone, kept = make.resident(), make.person()
    own = make.consent(gone.account, kept)
    merge(gone.person, kept, make)
    assert fresh(own).withdrawn_at == make.now


def test_withdrawn_consents_stay_withdrawn(make: Make) -> None:
    daughter, gone, kept = make.resident("李娜"), make.person(), make.person()
    old = make.consent(daughter.account, gone, withdrawn_at=make.now - timedelta(days=9))
    live = make.consent(daughter.account, kept)
    merge(gone, kept, make)
    assert fresh(old).withdrawn_at == make.now - timedelta(days=9)
    assert fresh(live).withdrawn_at is None
    assert {fresh(old).person_id, fresh(live).person_id} == {kept.id}


def test_reminders_and_inbox_follow(make: Make) -> None:
    gone, kept = make.resident(), make.resident()
    reminder = make.add(
        Reminder(
            kind=Kind.CONSENT, person_id=gone.person.id, account_id=gone.account.id,
            due_at=make.now, created_at=make.now,
        )
    )  # fmt: skip
    copy = make.add(
        InboxMessage(
            account_id=gone.account.id, person_id=gone.person.id, reminder_id=reminder.id,
            title="家人已同意您代办", body="…", created_at=make.now,
        )
    )  # fmt: skip
    merge(gone.person, kept.person, make)
    for row in (reminder, copy):
        assert (fresh(row).person_id, fresh(row).account_id) == (kept.person.id, kept.account.id)


def test_attendance_of_the_ended_double_follows(make: Make) -> None:
    run, gone, kept = make.run(lessons=3), make.person(), make.person()
    stays, ends = book(make, run, gone), book(make, run, kept)
    lessons = db.session.scalars(
        select(Lesson).where(Lesson.run_id == run.id).order_by(Lesson.number)
    ).all()

    def mark(lesson: Lesson, booking: Booking, presence: str) -> None:
        make.add(
            Attendance(
                lesson_id=lesson.id, booking_id=booking.id, presence=presence, taken_by="tap",
                at=make.now,
            )
        )  # fmt: skip

    mark(lessons[0], stays, "present")
    mark(lessons[0], ends, "absent")
    mark(lessons[1], ends, "late")
    merge(gone, kept, make)
    assert fresh(ends).state == "cancelled"
    marks = db.session.execute(
        select(Attendance.lesson_id, Attendance.presence).where(Attendance.booking_id == stays.id)
    )
    assert dict(tuple(row) for row in marks) == {lessons[0].id: "present", lessons[1].id: "late"}


def test_everything_at_once_and_nothing_half(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the last step leaves both entries as they were."""
    run, gone, kept = make.run(), make.resident(phone="13800001111"), make.resident()
    booking = book(make, run, gone.person)

    def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(merging, "_followers", [*merging._followers, fails])
    with pytest.raises(RuntimeError):
        merge(gone.person, kept.person, make)
    db.session.expire_all()
    assert fresh(gone.person).merged_into_id is None
    assert fresh(gone.person).phone == "13800001111"
    assert fresh(booking).person_id == gone.person.id
    assert fresh(gone.account).closed_at is None
    accounts = db.session.scalars(select(Account.person_id))
    assert set(accounts) == {gone.person.id, kept.person.id}
    assert not db.session.scalars(select(Consent)).all()
