"""Summaries of classes, from which statistics of thousands of them are added up."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model, Moment


class RunSummary(Model):
    """A class has been added up, and how it stood then: the summary holds while that is so.

    `version` is the class's `figures_version`, `steps` how far its bookings had come.
    """

    __tablename__ = "run_summary"

    run_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("course_run.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]
    steps: Mapped[int]
    starts_at: Mapped[Moment]
    closes_at: Mapped[Moment | None]


class RunBandSummary(Model):
    """The figures of one class and age band, as `figures.Figures` means them.

    `people` lists the ids of those taking part, so that somebody in several classes is told to be
    one person; ids that occur twice are one.
    """

    __tablename__ = "run_band_summary"

    run_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("run_summary.run_id", ondelete="CASCADE"), primary_key=True
    )
    band: Mapped[int] = mapped_column(primary_key=True)
    enrolled: Mapped[int]
    waiting: Mapped[int]
    came: Mapped[int]
    absent: Mapped[int]
    excused: Mapped[int]
    unknown: Mapped[int]
    taking_part_count: Mapped[int]
    taking_part_ids: Mapped[int | None] = mapped_column(BigInt)
    taking_part_squares: Mapped[int | None] = mapped_column(BigInt)
    taking_part_low: Mapped[int | None] = mapped_column(BigInt)
    taking_part_high: Mapped[int | None] = mapped_column(BigInt)
    in_line_count: Mapped[int]
    in_line_ids: Mapped[int | None] = mapped_column(BigInt)
    in_line_squares: Mapped[int | None] = mapped_column(BigInt)
    in_line_low: Mapped[int | None] = mapped_column(BigInt)
    in_line_high: Mapped[int | None] = mapped_column(BigInt)
    people: Mapped[str | None] = mapped_column(Text)
