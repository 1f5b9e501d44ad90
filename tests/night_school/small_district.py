"""A district small enough to count by hand, in two terms: for statistics.

| class | where | term | places | enrolled | marks |
|---|---|---|---|---|---|
| voice | 春晖社区, 和平街道 | spring | 10 | 2 of 66, 3 of 40 | 6 came, 1 not, 2 excused, 1 ? |
| painting | 梅园社区, 和平街道 | spring | any | 4 of 17 | |
| voice | 东湖社区, 安宁街道 | spring | 4 | 2 of 40 | 2 did not come |
| voice | 松林社区, 青山街道 | spring | 5 | 5 of unknown age | |
| voice | 春晖社区, 和平街道 | autumn | 8 | 3 of 75 | 3 came |

In the first one, one of 40 came once and left, and 3 of 66 wait. Classes with marks had two
lessons.
And in spring, at 春晖社区, one class that was cancelled and one that is a draft.
"""

from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import select

from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.night_school.models import Attendance, CourseCategory, CourseRun, Lesson, Term
from backend.places.models import PlaceKind
from tests.factories import Make

HELD = timedelta(days=-14)
"""Begun so long ago that both lessons are over."""


class District:
    """`places` by name, `terms`, and staff: a worker of 春晖社区, a manager of everything."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.top = make.once(PlaceKind.DISTRICT, lambda: make.place(PlaceKind.DISTRICT))
        self.places = {"幸福区": self.top}
        for street, communities in {
            "和平街道": ("春晖社区", "梅园社区"),
            "安宁街道": ("东湖社区",),
            "青山街道": ("松林社区",),
        }.items():
            self.places[street] = make.place(PlaceKind.STREET, self.top, name=street)
            for name in communities:
                self.places[name] = make.place(parent=self.places[street], name=name)
        spring = Term(name="2026年春季学期", starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 1))
        autumn = Term(name="2025年秋季学期", starts_on=date(2025, 9, 1), ends_on=date(2026, 1, 20))
        self.terms = SimpleNamespace(
            spring=make.once("term", lambda: make.add(spring)), autumn=make.add(autumn)
        )
        art = make.add(CourseCategory(code="art", name="书画", name_en="Painting", sort=2))
        self.voice = make.course("声乐基础")
        self.painting = make.course("国画入门", category_id=art.id)
        self.worker = make.staff("worker", self.places["春晖社区"])
        self.manager = make.staff("manager", self.top, name="周慧")
        self.fill()

    def fill(self) -> None:
        """All the rows of the table above."""
        spring, autumn = self.terms.spring.id, self.terms.autumn.id
        here = self.places["春晖社区"]
        voice = self.run(here, spring, 10, HELD)
        six = [self.book(voice, age) for age in (66, 66, 40, 40, 40)]
        left = self.book(voice, 40, state="cancelled")
        for _ in range(3):
            self.book(voice, 66, state="waiting")
        for booking, marks in zip(
            [*six, left],
            (("present", "made_up"), ("late", "left_early"), ("absent", "excused_after"),
             ("excused", "present"), ("unknown",), ("present",)),
            strict=True,
        ):  # fmt: skip
            self.mark(booking, *marks)
        painting = self.run(self.places["梅园社区"], spring, None, course=self.painting)
        for _ in range(4):
            self.book(painting, 17)
        two = self.run(self.places["东湖社区"], spring, 4, HELD)
        for _ in range(2):
            self.mark(self.book(two, 40), "absent")
        five = self.run(self.places["松林社区"], spring, 5)
        for _ in range(5):
            self.book(five, None)
        before = self.run(here, autumn, 8, timedelta(days=-180))
        for _ in range(3):
            self.mark(self.book(before, 75), "present")
        cancelled = self.run(here, spring, 20, HELD, cancelled_at=self.make.now)
        self.mark(self.book(cancelled, 40), "present")
        self.run(here, spring, 20, published_at=None)

    def run(self, place, term_id, capacity, lead=timedelta(days=7), **given) -> CourseRun:
        return self.make.run(
            place=place, term_id=term_id, capacity=capacity, lead=lead,
            **{"course": self.voice} | given,
        )  # fmt: skip

    def book(
        self, run: CourseRun, age: int | None, *, state: str = "confirmed", person=None
    ) -> Booking:
        """Somebody new of that age on the first day (or `person`)."""
        first = run.starts_at.date()
        born = None if age is None else date(first.year - age, 1, 2)
        person = person or self.make.person("某某", birth_date=born)
        number = db.session.query(Booking).count() + 1
        booking = self.make.add(
            Booking(
                bookable_id=run.id, person_id=person.id, state=state, starts_at=run.starts_at,
                ends_at=run.ends_at, code=f"code{number}", short_code="123456",
                created_at=self.make.now, queue_no=number if state == "waiting" else None,
            )
        )  # fmt: skip
        at = min(self.make.now, run.closes_at)
        self.make.add(BookingEvent(booking_id=booking.id, at=at, state=state))
        return booking

    def mark(self, booking: Booking, *presences: str) -> None:
        """One mark per lesson, from the first on."""
        lessons = db.session.scalars(
            select(Lesson.id).where(Lesson.run_id == booking.bookable_id).order_by(Lesson.number)
        )
        for lesson_id, presence in zip(lessons, presences, strict=False):
            self.make.add(
                Attendance(
                    lesson_id=lesson_id, booking_id=booking.id, presence=presence, taken_by="tap",
                    at=self.make.now,
                )
            )  # fmt: skip
