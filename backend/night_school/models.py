"""The night school's tables: catalogue, terms, teachers, runs, lessons, attendance."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.models import Bookable
from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class CourseCategory(Model):
    """A shelf of the catalogue: music, handicraft, health, ..."""

    __tablename__ = "course_category"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name: Mapped[str] = mapped_column(String(20))
    name_en: Mapped[str] = mapped_column(String(40))
    sort: Mapped[int] = mapped_column(default=0)


class Course(Model):
    """An entry of the catalogue (课程); it is offered as runs."""

    __tablename__ = "course"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(24), unique=True)
    category_id: Mapped[int] = mapped_column(BigInt, ForeignKey("course_category.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(Text)
    bring: Mapped[str | None] = mapped_column(String(120))
    picture: Mapped[str | None] = mapped_column(String(80))
    withdrawn_at: Mapped[Moment | None]


class Teacher(Model):
    """A partner (合伙人) who teaches; `staff_id` is their own sign-in, if they have one.

    The agreement with them holds from `agreement_from` to `agreement_until`, both days included.
    """

    __tablename__ = "teacher"
    __table_args__ = (CheckConstraint("agreement_from <= agreement_until", name="agreement"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40))
    organisation: Mapped[str | None] = mapped_column(String(60))
    intro: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(Encrypted)
    agreement_from: Mapped[date | None] = mapped_column(Date)
    agreement_until: Mapped[date | None] = mapped_column(Date)
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), unique=True)


class Term(Model):
    """A term (学期) in which runs are offered; no two share a day."""

    __tablename__ = "term"
    __table_args__ = (CheckConstraint("starts_on < ends_on", name="order"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    most_per_person: Mapped[int | None]


TERMS_APART_POSTGRESQL = """
ALTER TABLE term ADD CONSTRAINT ex_term_overlap EXCLUDE USING gist (
    daterange(starts_on, ends_on, '[]') WITH &&)
"""
TERMS_APART_SQLITE = """
CREATE TRIGGER tr_term_overlap_{verb} BEFORE {verb} ON term
WHEN EXISTS (SELECT 1 FROM term t WHERE t.id IS NOT NEW.id
             AND t.starts_on <= NEW.ends_on AND NEW.starts_on <= t.ends_on)
BEGIN SELECT RAISE(ABORT, 'ex_term_overlap'); END
"""


@event.listens_for(Term.__table__, "after_create")
def _keep_terms_apart(_table: Table, connection: Connection, **_options: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(TERMS_APART_POSTGRESQL)
        return
    for verb in ("insert", "update"):
        connection.exec_driver_sql(TERMS_APART_SQLITE.format(verb=verb))


class Audience(StrEnum):
    """For whom a run is meant; the rule is the age span, this is the word on the list."""

    EVERYONE = "everyone"
    ADULTS = "adults"
    SENIORS = "seniors"
    CHILDREN = "children"
    FAMILIES = "families"


class Mode(StrEnum):
    """How the places of a run are given."""

    FIRST_COME = "first_come"
    DRAW = "draw"


class CourseRun(Bookable):
    """A course offered in a term (班次): when, where, by whom, for whom, at what price.

    `weekday` (0 Monday .. 6 Sunday) and `from_minute` (minutes after local midnight) are those of
    the first lesson, of its weekly ones (`RunHour`); the lessons say what really happens. Ages are
    in years and inclusive; `home_place_id` limits sign-up to residents of that place and all below
    it; those of `priority_place_id` come first until `priority_until`. Who signs up has to have
    attended the course `needs_course_id` before; with `once_a_year`, not this same course within a
    year; with `most_missed`, has not missed more than that of late (`backend.standing`). Places
    that are kept are for people of `kept_from_age` years and more, for the residents of
    `kept_place_id` and all below it, or for those who are both. Where places are drawn,
    `draw_id` says in which draw and `apply_from`, `apply_until` are its window; once it has been
    drawn, places that are left go to whoever comes first. `figures_version` grows whenever a
    summary of its statistics may no longer hold (statistics/changes.py).
    """

    __tablename__ = "course_run"
    __mapper_args__ = {"polymorphic_identity": "course_run"}  # noqa: RUF012
    __table_args__: Any = (
        one_of("audience", Audience),
        one_of("mode", Mode),
        CheckConstraint(
            "mode = 'first_come' OR draw_id IS NOT NULL AND apply_from < apply_until", name="draw"
        ),
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("minimum > 0", name="minimum"),
        CheckConstraint("most_missed > 0", name="most_missed"),
        CheckConstraint("min_age <= max_age", name="ages"),
        CheckConstraint("(priority_place_id IS NULL) = (priority_until IS NULL)", name="priority"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("from_minute BETWEEN 0 AND 1439", name="from_minute"),
    )

    id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("bookable.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: Mapped[int] = mapped_column(BigInt, ForeignKey("course.id"), index=True)
    term_id: Mapped[int] = mapped_column(BigInt, ForeignKey("term.id"), index=True)
    teacher_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("teacher.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"), index=True)
    price_fen: Mapped[int] = mapped_column(default=0)
    audience: Mapped[str] = mapped_column(String(10), default="everyone")
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    home_place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    priority_place_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("place.id"), index=True
    )
    priority_until: Mapped[Moment | None]
    needs_course_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("course.id"), index=True)
    kept_from_age: Mapped[int | None]
    kept_place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    once_a_year: Mapped[bool] = mapped_column(default=False, server_default=false())
    most_missed: Mapped[int | None]
    minimum: Mapped[int | None]
    run_anyway_at: Mapped[Moment | None]
    weekday: Mapped[int]
    from_minute: Mapped[int]
    mode: Mapped[str] = mapped_column(
        String(10), default=Mode.FIRST_COME, server_default=Mode.FIRST_COME
    )
    draw_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("draw.id"), index=True)
    apply_from: Mapped[Moment | None]
    apply_until: Mapped[Moment | None]
    figures_version: Mapped[int] = mapped_column(default=0, server_default="0")


class RunHour(Model):
    """One of a run's weekly hours, as it was planned."""

    __tablename__ = "run_hour"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("from_minute >= 0 AND from_minute + minutes <= 1440", name="hour"),
        CheckConstraint("minutes > 0", name="minutes"),
        Index("ix_run_hour_weekday_run_id", "weekday", "run_id"),
    )

    run_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("course_run.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(primary_key=True)
    from_minute: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[int]


class Lesson(Model):
    """One meeting of a run (课次). It occupies its room from `starts_at` to `ends_at`.

    `teacher_id` is who teaches it instead of the run's teacher.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_lesson_starts_at", "starts_at"),
    )

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(BigInt, ForeignKey("course_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"), index=True)
    teacher_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("teacher.id"), index=True)
    cancelled_at: Mapped[Moment | None]


class Presence(StrEnum):
    """One person at one lesson.

    `excused` asked before the lesson, `excused_after` later; `absent` alone is without an excuse.
    `made_up` came to a lesson of another run of the course instead; `unknown` was there or not,
    nobody can tell any more.
    """

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    EXCUSED = "excused"
    EXCUSED_AFTER = "excused_after"
    ABSENT = "absent"
    MADE_UP = "made_up"
    UNKNOWN = "unknown"


class CheckInBy(StrEnum):
    """How the attendance was taken; `resident`: they asked to be excused."""

    TAP = "tap"
    RESIDENT = "resident"
    RESIDENT_CODE = "resident_code"
    CLASS_CODE = "class_code"


class Attendance(Model):
    """The attendance (考勤) of one booking at one lesson; nobody marked means no row.

    `made_up_lesson_id` is where it was made up, if that is known.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("presence", Presence),
        CheckConstraint(
            "taken_by IN (" + ", ".join(f"'{how}'" for how in CheckInBy) + ")", name="taken_by"
        ),
        CheckConstraint("made_up_lesson_id IS NULL OR presence = 'made_up'", name="made_up"),
        UniqueConstraint("lesson_id", "booking_id"),
        # With the presence, so that statistics add up the marks of a booking from the index alone.
        Index("ix_attendance_booking_id", "booking_id", postgresql_include=["presence"]),
        Index(
            "ix_attendance_made_up_lesson_id",
            "made_up_lesson_id",
            postgresql_where=text("made_up_lesson_id IS NOT NULL"),
            sqlite_where=text("made_up_lesson_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    lesson_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lesson.id", ondelete="CASCADE"))
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    presence: Mapped[str] = mapped_column(String(13))
    taken_by: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]
    made_up_lesson_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("lesson.id", ondelete="SET NULL")
    )
