"""Attendance taken without a network: applied once, in order, at its time, over nobody's head."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend import clock
from backend.booking.errors import NotHeld
from backend.db import db, transaction, transactional
from backend.errors import NotFound
from backend.night_school import marks as kept_marks
from backend.night_school.attendance import mark
from backend.night_school.errors import AlreadyDecided
from backend.night_school.models import Attendance, CheckInBy, Presence
from backend.night_school.uploads import deciding
from backend.night_school.uploads.applying import Entry
from backend.night_school.uploads.models import Decision, Kind, UploadedEntry
from backend.night_school.uploads.service import Upload, take
from backend.staff.models import AuditEntry

TABLET, OTHER = str(uuid4()), str(uuid4())
NO_OFFSET = timedelta()


def entry(kind, at, booking=None, presence=None, seen=None, code=None, nonce=None) -> Entry:
    return Entry(
        nonce or str(uuid4()), Kind(kind), at, booking.id if booking else None,
        presence and Presence(presence), code, seen and Presence(seen),
    )  # fmt: skip


def upload(tonight, entries, minute=60, device=TABLET, off=NO_OFFSET):
    """The device's clock is `off` ahead; `entries` carry its times."""
    now = tonight.minutes(minute)
    sent = Upload(device, now + off, entries)
    with clock.frozen(now), transaction() as session:
        return take(session, tonight.lesson.id, sent, tonight.worker.id, now)


def outcomes(results):
    return [one["outcome"] for one in results]


def tap(tonight, booking, presence, minute):
    at = tonight.minutes(minute)
    with clock.frozen(at), transaction() as session:
        mark(
            session, tonight.lesson.id, booking.id, presence, CheckInBy.TAP, tonight.worker.id, at,
            OTHER,
        )  # fmt: skip


def marks():
    db.session.expire_all()
    return {
        row.booking_id: row.presence
        for row in db.session.execute(select(Attendance.booking_id, Attendance.presence))
    }


def waiting(tonight):
    return deciding.open_entries(db.session(), tonight.lesson.id)


def test_taps_and_scans_are_applied_in_order(tonight) -> None:
    _, wang = tonight.enrol()
    _, li = tonight.enrol("李建国")
    at = tonight.minutes
    told = upload(
        tonight,
        [
            entry("mark", at(1), wang, "present"),
            entry("mark", at(70), wang, "left_early", "present"),
            entry("scan", at(3), code=f"xf:b:{li.code}"),
        ],
        80,
    )
    assert outcomes(told) == ["done"] * 3
    assert [one["presence"] for one in told] == ["present", "left_early", "present"]
    assert marks() == {wang.id: "left_early", li.id: "present"}
    row = db.session.scalars(select(Attendance).where(Attendance.booking_id == li.id)).one()
    assert (row.at, row.taken_by) == (at(3), "resident_code")
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["attendance.mark", "attendance.mark", "attendance.scan"]


def test_doing_it_twice_changes_nothing(tonight) -> None:
    _, wang = tonight.enrol()
    sent = [
        entry("mark", tonight.minutes(1), wang, "present"),
        entry("mark", tonight.minutes(2), wang, None, "present"),
        entry("scan", tonight.minutes(3), code="xf:b:nobody"),
    ]
    upload(tonight, sent)
    tap(tonight, wang, Presence.ABSENT, 61)
    audited = db.session.scalar(select(func.count()).select_from(AuditEntry))
    again = upload(tonight, sent, 62)
    assert outcomes(again) == ["repeated"] * 3
    assert again[0]["presence"] == "absent"
    assert marks() == {wang.id: "absent"}
    assert len(waiting(tonight)) == 1
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == audited
    half = [*sent, entry("mark", tonight.minutes(63), wang, "late", "absent")]
    assert outcomes(upload(tonight, half, 64)) == ["repeated"] * 3 + ["done"]


def test_a_nonce_twice_in_one_upload_counts_once(tonight) -> None:
    _, wang = tonight.enrol()
    one = entry("mark", tonight.minutes(1), wang, "present")
    assert outcomes(upload(tonight, [one, one])) == ["done", "repeated"]


def test_a_nonce_of_another_device_is_refused(tonight) -> None:
    _, wang = tonight.enrol()
    nonce = str(uuid4())
    upload(tonight, [entry("mark", tonight.minutes(1), wang, "present", nonce=nonce)])
    other = entry("mark", tonight.minutes(2), wang, "late", "present", nonce=nonce)
    assert outcomes(upload(tonight, [other], device=OTHER)) == ["refused"]
    assert marks() == {wang.id: "present"}


@pytest.mark.parametrize(
    "off",
    [timedelta(hours=-7), timedelta(hours=3, minutes=11), timedelta(days=-20000), NO_OFFSET],
)
@pytest.mark.parametrize(("minute", "presence"), [(9, "present"), (11, "late")])
def test_a_clock_that_is_wrong_by_hours_or_years_is_put_right(
    tonight, off, minute, presence
) -> None:
    _, wang = tonight.enrol()
    scanned = entry("scan", tonight.minutes(minute) + off, code=f"xf:b:{wang.code}")
    assert outcomes(upload(tonight, [scanned], off=off)) == ["done"]
    row = db.session.scalars(select(Attendance)).one()
    assert (row.presence, row.at) == (presence, tonight.minutes(minute))
    kept = db.session.scalars(select(UploadedEntry)).one()
    assert (kept.clock_off, kept.clamped) == (-off.total_seconds(), False)


def test_what_would_be_in_the_future_counts_as_now_and_is_noted(tonight) -> None:
    _, wang = tonight.enrol()
    ahead = entry("scan", tonight.minutes(300), code=f"xf:b:{wang.code}")
    assert outcomes(upload(tonight, [ahead], 20)) == ["done"]
    assert db.session.scalars(select(Attendance.at)).one() == tonight.minutes(20)
    assert db.session.scalars(select(UploadedEntry.clamped)).one() is True


def test_what_somebody_else_changed_meanwhile_waits_for_a_decision(tonight) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, Presence.ABSENT, 12)
    [told] = upload(tonight, [entry("mark", tonight.minutes(5), wang, "present")])
    assert (told["outcome"], told["presence"]) == ("conflict", "absent")
    assert "缺席" in told["sentence"]
    assert marks() == {wang.id: "absent"}
    [one] = waiting(tonight)
    assert (one["name"], one["wanted"], one["stands"], one["may_apply"]) == (
        "王秀英", "到课", "缺席", True,
    )  # fmt: skip


@pytest.mark.parametrize("meanwhile", [Presence.PRESENT, None])
def test_no_conflict_where_both_say_the_same_or_the_device_has_seen_it(tonight, meanwhile) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, meanwhile or Presence.ABSENT, 12)
    seen = None if meanwhile else "absent"
    told = upload(tonight, [entry("mark", tonight.minutes(15), wang, "present", seen)])
    assert outcomes(told) == ["done"]
    assert marks() == {wang.id: "present"}


def test_a_devices_own_marks_are_no_conflict_though_its_clock_guessed_wrong(tonight) -> None:
    """The tablet, an hour ahead, showed late where the server says present."""
    _, wang = tonight.enrol()
    ahead = timedelta(hours=1)
    first = entry("scan", tonight.minutes(2) + ahead, wang, "late", code=f"xf:b:{wang.code}")
    upload(tonight, [first], 10, off=ahead)
    assert marks() == {wang.id: "present"}
    second = entry("mark", tonight.minutes(60) + ahead, wang, "left_early", "late")
    assert outcomes(upload(tonight, [second], 65, off=ahead)) == ["done"]
    assert marks() == {wang.id: "left_early"}
    tap(tonight, wang, Presence.PRESENT, 66)
    third = entry("mark", tonight.minutes(70) + ahead, wang, "absent", "left_early")
    assert outcomes(upload(tonight, [third], 71, off=ahead)) == ["conflict"]


def test_somebody_checked_in_already_stays_so_when_scanned(tonight) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, Presence.PRESENT, 1)
    [told] = upload(tonight, [entry("scan", tonight.minutes(30), code=f"xf:b:{wang.code}")])
    assert (told["outcome"], told["presence"]) == ("done", "present")


def test_scans_that_turn_out_wrong_are_kept_and_shown(tonight) -> None:
    _, gone = tonight.enrol("李建国")
    tonight.cancel(gone)
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    mine, tonight.run = tonight.run, other
    _, elsewhere = tonight.enrol("赵敏")
    tonight.run = mine
    at = tonight.minutes(1)
    told = upload(
        tonight,
        [
            entry("scan", at, code=f"xf:b:{gone.code}"),
            entry("scan", at, code=f"xf:b:{elsewhere.code}"),
            entry("scan", at, code="xf:b:nobody"),
            entry("scan", at, code="999999"),
            entry("mark", at, gone, "present"),
        ],
    )
    assert outcomes(told) == ["kept"] * 5
    assert "已经取消" in told[0]["sentence"]
    assert "太极拳" in told[1]["sentence"]
    shown = waiting(tonight)
    assert [one["sentence"] for one in shown] == [one["sentence"] for one in told]
    assert [one["code"] for one in shown][2:4] == ["xf:b:nobody", "999999"]
    assert marks() == {}


def test_digits_of_several_are_kept_unless_the_device_says_who(tonight) -> None:
    _, first = tonight.enrol("李建国")
    _, second = tonight.enrol()
    first.short_code = second.short_code = "246810"
    db.session.commit()
    told = upload(
        tonight,
        [
            entry("scan", tonight.minutes(1), code="246810"),
            entry("scan", tonight.minutes(1), second, code="246810"),
        ],
    )
    assert outcomes(told) == ["kept", "done"]
    assert marks() == {second.id: "present"}


@pytest.mark.parametrize(
    ("kind", "minute", "outcome"),
    [("scan", -31, "kept"), ("scan", 91, "kept"), ("mark", -31, "kept"), ("mark", 200, "done")],
)
def test_the_window_is_judged_at_the_time_of_the_tap(tonight, kind, minute, outcome) -> None:
    _, wang = tonight.enrol()
    code = f"xf:b:{wang.code}" if kind == "scan" else None
    sent = entry(kind, tonight.minutes(minute), wang, "present", code=code)
    assert outcomes(upload(tonight, [sent], 300)) == [outcome]


def test_a_lesson_called_off_meanwhile_keeps_what_was_taken(tonight) -> None:
    _, wang = tonight.enrol()
    tonight.lesson.cancelled_at = tonight.make.now
    db.session.commit()
    told = upload(tonight, [entry("mark", tonight.minutes(1), wang, "present")])
    assert outcomes(told) == ["kept"]
    assert marks() == {}


def test_a_booking_of_nobody_here_is_refused_and_nothing_is_shown(tonight) -> None:
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    mine, tonight.run = tonight.run, other
    _, elsewhere = tonight.enrol("赵敏")
    tonight.run = mine
    sent = [entry("mark", tonight.minutes(1), elsewhere, "present")]
    sent.append(Entry(str(uuid4()), Kind.MARK, tonight.minutes(1), 987654, Presence.PRESENT))
    assert outcomes(upload(tonight, sent)) == ["refused", "refused"]
    assert waiting(tonight) == []


def test_undo_on_the_device_takes_back_its_own_within_a_quarter(tonight) -> None:
    _, wang = tonight.enrol()
    _, li = tonight.enrol("李建国")
    at = tonight.minutes
    told = upload(
        tonight,
        [
            entry("mark", at(1), wang, "present"),
            entry("mark", at(2), li, "present"),
            entry("undo", at(16), wang, None, "present"),
            entry("undo", at(18), li, None, "present"),
        ],
    )
    assert outcomes(told) == ["done", "done", "done", "refused"]
    assert marks() == {li.id: "present"}
    other = upload(tonight, [entry("undo", at(60), li, None, "present")], device=OTHER)
    assert outcomes(other) == ["refused"]
    assert marks() == {li.id: "present"}


def test_undo_on_the_device_takes_back_what_waits(tonight) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, Presence.ABSENT, 12)
    at = tonight.minutes
    sent = [entry("mark", at(5), wang, "present"), entry("undo", at(6), wang, None, "present")]
    assert outcomes(upload(tonight, sent)) == ["conflict", "done"]
    assert waiting(tonight) == []
    assert marks() == {wang.id: "absent"}


def test_undo_leaves_what_somebody_else_changed_since(tonight) -> None:
    _, wang = tonight.enrol()
    upload(tonight, [entry("mark", tonight.minutes(1), wang, "present")], 2)
    tap(tonight, wang, Presence.LATE, 3)
    sent = [entry("undo", tonight.minutes(4), wang, None, "present")]
    assert outcomes(upload(tonight, sent, 5)) == ["refused"]
    assert marks() == {wang.id: "late"}


def test_of_a_devices_conflicts_about_one_mark_the_last_is_shown(tonight) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, Presence.ABSENT, 12)
    at = tonight.minutes
    sent = [
        entry("mark", at(5), wang, "present"),
        entry("mark", at(50), wang, "left_early", "present"),
    ]
    assert outcomes(upload(tonight, sent)) == ["conflict", "conflict"]
    assert [one["wanted"] for one in waiting(tonight)] == ["早退"]


def decide(tonight, decision, entry_id=None, minute=90):
    now = tonight.minutes(minute)
    entry_id = entry_id or waiting(tonight)[0]["id"]
    with clock.frozen(now), transaction() as session:
        deciding.decide(session, tonight.lesson.id, entry_id, decision, tonight.worker.id, now)
    return entry_id


@pytest.mark.parametrize(("decision", "left"), [("device", "present"), ("server", "absent")])
def test_staff_decide_about_a_conflict_once(tonight, decision, left) -> None:
    _, wang = tonight.enrol()
    tap(tonight, wang, Presence.ABSENT, 12)
    upload(tonight, [entry("mark", tonight.minutes(5), wang, "present")])
    decided = decide(tonight, Decision(decision))
    assert marks() == {wang.id: left}
    assert waiting(tonight) == []
    last = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "attendance.decide")
    ).one()
    assert (last.before, last.after) == ({"entry_id": decided}, {"decision": decision})
    if decision == "device":
        assert db.session.scalars(select(Attendance.at)).one() == tonight.minutes(5)
    with pytest.raises(AlreadyDecided):
        decide(tonight, Decision.DEVICE, decided)
    with pytest.raises(NotFound):
        decide(tonight, Decision.DEVICE, 987654)


def test_a_kept_scan_of_a_cancelled_enrolment_is_not_applied_by_a_decision(tonight) -> None:
    _, gone = tonight.enrol()
    tonight.cancel(gone)
    upload(tonight, [entry("scan", tonight.minutes(1), code=f"xf:b:{gone.code}")])
    with pytest.raises(NotHeld):
        decide(tonight, Decision.DEVICE)
    assert len(waiting(tonight)) == 1
    decide(tonight, Decision.SERVER)
    assert waiting(tonight) == []


PRESENCES = st.sampled_from([None, *Presence])


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    taps=st.lists(st.tuples(st.integers(0, 2), PRESENCES, st.integers(0, 80)), max_size=8),
    cut=st.integers(0, 8),
    off=st.integers(-(10**6), 10**6),
)
def test_whatever_is_tapped_arrives_however_often_it_is_sent(tonight, taps, cut, off) -> None:
    """A device alone: the marks end as it showed them, also if half was sent twice."""
    if not hasattr(tonight, "three"):
        tonight.three = [tonight.enrol(f"居民{number}")[1] for number in range(3)]
    three, off, device = tonight.three, timedelta(seconds=off), str(uuid4())
    shown = {one.id: marks().get(one.id) for one in three}
    entries = []
    for number, presence, minute in taps:
        booking = three[number]
        entries.append(
            entry("mark", tonight.minutes(minute) + off, booking, presence, shown[booking.id])
        )
        shown[booking.id] = presence
    for part in (entries[:cut], entries, entries):
        if part:
            told = upload(tonight, part, 90, device, off)
            assert set(outcomes(told)) <= {"done", "repeated"}
    assert {one.id: marks().get(one.id) for one in three} == shown
    assert waiting(tonight) == []


def race(app, uploads, lesson_id, staff_id, now):
    """Each upload in a thread of its own, all at once; what each was told."""
    told, start = {}, threading.Barrier(len(uploads))

    def work(number, sent):
        with app.app_context():
            start.wait(10)
            door = transactional(lambda: take(db.session(), lesson_id, sent, staff_id, now))
            try:
                told[number] = door()
            except Exception as error:
                told[number] = error

    threads = [
        threading.Thread(target=work, args=(number, sent)) for number, sent in enumerate(uploads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [told[number] for number in range(len(uploads))]


@pytest.fixture
def crowd(own_app, now):
    """A class of eight in a database of its own."""
    from backend.night_school.models import Lesson
    from backend.staff.models import Staff
    from tests.factories import Make
    from tests.night_school.conftest import Class

    with own_app.app_context():
        make = Make(now)
        run = make.run(lead=timedelta(minutes=20))
        lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()
        worker = make.add(Staff(username="chen", name="陈", password_hash="x", created_at=now))
        tonight = Class(make, run, lesson, worker)
        bookings = [tonight.enrol(f"居民{number}")[1].id for number in range(8)]
        yield own_app, lesson.id, worker.id, bookings


def taps_of(bookings, presence, now):
    return [
        Entry(str(uuid4()), Kind.MARK, now - timedelta(minutes=1), one, Presence(presence))
        for one in bookings
    ]


def test_two_devices_at_once_never_overwrite_each_other(crowd, now) -> None:
    """Each mark goes to one of them; the other's is a conflict, and none is lost."""
    app, lesson_id, staff_id, bookings = crowd
    first = Upload(str(uuid4()), now, taps_of(bookings, "present", now))
    second = Upload(str(uuid4()), now, taps_of(bookings[::-1], "absent", now))
    told = race(app, [first, second], lesson_id, staff_id, now)
    by_booking = {}
    for results in told:
        for one in results:
            by_booking.setdefault(one["booking_id"], []).append(one["outcome"])
    assert all(sorted(found) == ["conflict", "done"] for found in by_booking.values())
    assert len(by_booking) == len(bookings)
    with app.app_context():
        conflicts = deciding.open_entries(db.session(), lesson_id)
        assert len(conflicts) == len(bookings)
        assert len(marks()) == len(bookings)


def test_the_same_upload_twice_at_once_is_applied_once(crowd, now) -> None:
    app, lesson_id, staff_id, bookings = crowd
    sent = Upload(str(uuid4()), now, taps_of(bookings, "present", now))
    told = race(app, [sent, sent, sent], lesson_id, staff_id, now)
    found = sorted(one["outcome"] for results in told for one in results)
    assert found == ["done"] * 8 + ["repeated"] * 16
    with app.app_context():
        count = select(func.count()).select_from(AuditEntry)
        assert db.session.scalar(count.where(AuditEntry.action == "attendance.mark")) == 8


def test_an_upload_and_taps_on_the_page_at_once(crowd, now) -> None:
    """Whoever is later sees the other's mark: the page replaces it knowingly, the upload waits."""
    app, lesson_id, staff_id, bookings = crowd
    sent = Upload(str(uuid4()), now, taps_of(bookings, "present", now))
    failed = []

    def tap_all():
        with app.app_context():
            for booking in bookings[::-1]:
                door = transactional(
                    lambda booking=booking: mark(
                        db.session(), lesson_id, booking, Presence.ABSENT, CheckInBy.TAP, staff_id,
                        now, OTHER,
                    )
                )  # fmt: skip
                try:
                    door()
                except Exception as error:
                    failed.append(error)

    taps = threading.Thread(target=tap_all)
    taps.start()
    [told] = race(app, [sent], lesson_id, staff_id, now)
    taps.join(30)
    assert not failed
    with app.app_context():
        assert set(marks().values()) == {"absent"}
        conflicts = {one["booking_id"] for one in told if one["outcome"] == "conflict"}
        before = {
            int(booking): was
            for note in db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "attendance.mark")
            )
            if note.after["device"] == OTHER
            for booking, was in note.before["marks"].items()
        }
        for booking in bookings:  # the audit of the page knows what it took the place of
            assert (before[booking] is None) is (booking in conflicts)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=False)  # SQLite has one writer
def test_the_control_without_the_guard_marks_are_overwritten(crowd, now, monkeypatch) -> None:
    """As long as nobody holds what was found against what stands, the second silently wins."""
    app, lesson_id, staff_id, bookings = crowd
    both_have_read = threading.Barrier(2)
    judged = threading.local()

    def heedless(session, lesson_id, booking_id, found, presence, taken_by, staff_id, at):
        if not getattr(judged, "met", False):
            judged.met = True
            both_have_read.wait(20)
        kept_marks.put(session, lesson_id, [booking_id], presence, taken_by, staff_id, at)
        return True

    monkeypatch.setattr("backend.night_school.marks.replace", heedless)
    monkeypatch.setattr("backend.night_school.uploads.service.hold", lambda *_: None)
    one = bookings[:1]
    uploads = [Upload(str(uuid4()), now, taps_of(one, what, now)) for what in ("present", "absent")]
    told = race(app, uploads, lesson_id, staff_id, now)
    assert [one["outcome"] for results in told for one in results] == ["done", "done"]
    with app.app_context():
        assert deciding.open_entries(db.session(), lesson_id) == []


def test_moments_are_kept_aware(tonight) -> None:
    _, wang = tonight.enrol()
    upload(tonight, [entry("mark", datetime.now(UTC), wang, "present")], 5)
    assert db.session.scalars(select(UploadedEntry.at)).one().tzinfo is not None
