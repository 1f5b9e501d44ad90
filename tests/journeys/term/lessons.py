"""20 March to 26 June: twelve lessons at the classroom door, eight of them with a network."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from backend.night_school.models import Attendance, Lesson
from tests.journeys.doors import Clerk, hidden, says
from tests.journeys.term.lines import Place
from tests.journeys.term.world import World

EXCUSED_AT, FORGIVEN_AT, SUBSTITUTED = 5, 7, 6
OFFLINE = (3, 4, 8, 10)
"""The lessons in the basement, taken on the page that the tablet keeps."""


@dataclass
class Class:
    """Who learns in it, when it meets, and who is to come to what: the test's own book."""

    run_id: int
    learners: list[Place]
    lessons: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    """Six digits by booking; `pictures` what its QR says."""
    pictures: dict[int, str] = field(default_factory=dict)
    booked: dict[tuple[int, int], str] = field(default_factory=dict)
    """Presence by booking and lesson."""

    def misses(self, number: int) -> list[Place]:
        """Sixteen miss two lessons at most and earn a certificate; the others miss from four on."""
        return [
            one for index, one in enumerate(self.learners)
            if (number - 5 * index) % 12 < (index % 3 if index < 16 else index - 12)
        ]  # fmt: skip

    def came(self, one: Place) -> int:
        """How many lessons somebody has come to by this book."""
        return sum(
            presence in ("present", "late") for (booking, _), presence in self.booked.items()
            if booking == one.booking_id
        )  # fmt: skip

    def counted(self) -> Counter[str]:
        """How often each presence stands in this book."""
        return Counter(self.booked.values())


def open_the_book(world: World, run_id: int, learners: list[Place]) -> Class:
    """Whoever has a place reads the lessons on the phone, and the code for the door."""
    book = Class(run_id, learners)
    first = world.phone(learners[0].who)
    for one in first.get(f"/bookings/{learners[0].booking_id}/lessons"):
        book.lessons[one["number"]] = one["id"], datetime.fromisoformat(one["starts_at"])
    assert sorted(book.lessons) == list(range(1, 13))
    for one in learners:
        told = world.phone(one.who).get(f"/bookings/{one.booking_id}")
        assert told["state"] == "confirmed"
        book.codes[one.booking_id] = told["short_code"]
        book.pictures[one.booking_id] = f"xf:b:{told['code']}"
    return book


def remind_on_the_eve(world: World, book: Class) -> None:
    """The evening before the first lesson it is on the phones of those who allowed it."""
    for hours in (30, 24):  # written down by noon, sent at half past six
        world.move_to(book.lessons[1][1] - timedelta(hours=hours))
        world.scheduler_runs()
    for one in book.learners:
        if one.who.openid:
            told = world.standin.messages(one.who.openid)
            assert "standin-lesson" in [message["template_id"] for message in told], one.who.name


def take_with_a_network(world: World, book: Class, number: int) -> None:
    """The teacher at the door: the first scan each other's codes, the rest is tapped."""
    lesson_id, starts_at = book.lessons[number]
    world.move_to(starts_at - timedelta(minutes=10))
    teacher = world.clerk("li" if number == SUBSTITUTED else "chen")
    path = f"/classes/lessons/{lesson_id}"
    missing = book.misses(number)
    here = [one for one in book.learners if one not in missing]
    if number == 1:
        scan_the_code_on_the_screen(world, teacher, lesson_id, here[2])
    teacher.does(f"{path}/codes", {"code": book.codes[here[0].booking_id]})
    for one in missing:
        if number != EXCUSED_AT or one != missing[0]:
            teacher.does(f"{path}/marks/{one.booking_id}", {"presence": "absent"})
    teacher.does(f"{path}/marks/{here[1].booking_id}", {"presence": "late"})
    page = teacher.does(f"{path}/all-present")
    assert f"{len(here)} / {len(book.learners)}" in page
    note(book, number, missing, late=here[1])
    if number == EXCUSED_AT:
        book.booked[missing[0].booking_id, number] = "excused"
    assert marks(world, book, number) == book_of(book, number)


def scan_the_code_on_the_screen(world: World, teacher: Clerk, lesson_id: int, one: Place) -> None:
    """A learner reads the rotating code with their own phone."""
    screen = says(teacher.get(f"/classes/lessons/{lesson_id}/code/now"))
    found = re.search(r"([A-Z2-7]{4}) ([A-Z2-7]{4})", screen)
    assert found, screen
    marked = world.phone(one.who).post(
        "/check-in", {"lesson_id": lesson_id, "code": found[1] + found[2]}
    )
    assert marked["presence"] == "present"


def ask_to_be_excused(world: World, book: Class, number: int) -> None:
    """Before the lesson, on the phone; the class's page shows why."""
    lesson_id, starts_at = book.lessons[number]
    world.move_to(starts_at - timedelta(hours=30))
    one = book.misses(number)[0]
    world.phone(one.who).post(
        f"/bookings/{one.booking_id}/lessons/{lesson_id}/excuse", {"reason": "去医院复查"}
    )
    page = says(world.clerk("chen").get(f"/classes/lessons/{lesson_id}"))
    assert "请假：去医院复查" in page


def excuse_afterwards(world: World, book: Class, number: int) -> None:
    """The day after the lesson: the absence turns into an excuse."""
    lesson_id, starts_at = book.lessons[number]
    world.move_to(starts_at + timedelta(hours=18))
    one = book.misses(number)[0]
    phone = world.phone(one.who)
    path = f"/bookings/{one.booking_id}/lessons"
    phone.post(f"{path}/{lesson_id}/excuse", {"reason": "孙子发烧"})
    [read] = [lesson for lesson in phone.get(path) if lesson["id"] == lesson_id]
    assert read["presence"] == "excused_after"
    book.booked[one.booking_id, number] = "excused_after"
    assert marks(world, book, number) == book_of(book, number)


def find_a_substitute(world: World, book: Class, number: int) -> None:
    """Chen is away: Li takes this one lesson, sees it, and the class is told."""
    lesson_id, starts_at = book.lessons[number]
    world.move_to(starts_at - timedelta(days=2))
    stranger = world.clerk("li")
    assert stranger.http.get(f"/classes/lessons/{lesson_id}").status_code == 404
    worker = world.clerk("wang")
    path = f"/classes/lessons/{lesson_id}/change"
    form = {
        "original": hidden(worker.get(path), "original")[0], "day": f"{starts_at:%Y-%m-%d}",
        "start": "19:00", "until": "20:30", "room_id": world.district.rooms["201教室"],
        "teacher_id": world.district.teachers["李雪梅"], "scope": "this", "confirmed": "true",
    }  # fmt: skip
    assert "课次已调整" in worker.does(path, form)
    assert stranger.get(f"/classes/lessons/{lesson_id}").status_code == 200
    [row] = world.rows(select(Lesson.teacher_id).where(Lesson.id == lesson_id))
    assert row.teacher_id == world.district.teachers["李雪梅"]


def read_the_inbox(world: World, book: Class, number: int) -> None:
    """Everybody has heard of the substitute; who missed two lessons on end is asked back."""
    world.scheduler_runs()
    away = [
        one for one in book.learners
        if {book.booked[one.booking_id, number - back] for back in (1, 2)} == {"absent"}
    ]  # fmt: skip
    assert away
    for one in book.learners:
        items = world.phone(one.who).get("/inbox")["items"]
        assert any("李雪梅" in item["body"] for item in items), one.who.name
        asked_back = "absent_again" in [item["kind"] for item in items]
        assert asked_back == (one in away), one.who.name


def note(book: Class, number: int, missing: list[Place], late: Place | None = None) -> None:
    """Write a lesson into the test's own book."""
    for one in book.learners:
        kind = "absent" if one in missing else "late" if one is late else "present"
        book.booked[one.booking_id, number] = kind


def book_of(book: Class, number: int) -> dict[int, str]:
    """One lesson of the book."""
    return {booking: kind for (booking, of), kind in book.booked.items() if of == number}


def marks(world: World, book: Class, number: int) -> dict[int, str]:
    """The same as the database has it."""
    lesson_id, _ = book.lessons[number]
    rows = world.rows(
        select(Attendance.booking_id, Attendance.presence).where(Attendance.lesson_id == lesson_id)
    )
    return {row.booking_id: row.presence for row in rows}
