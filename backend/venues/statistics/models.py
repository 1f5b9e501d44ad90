"""What a room was open and used on a day that is over, added up once."""

from datetime import date

from sqlalchemy import Date, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model

HOURS = range(24)


class RoomDay(Model):
    """One room on one day of the calendar, in minutes; written when the day is over, then kept.

    So the hours a room was open are those that held then, whatever the rules become. Open and
    used stand in a column for each hour: a district's quarter is one pass over its rows. `open`
    is without what staff blocked; `used` lies within it, `lessons` is part of it; `outside` was
    used while closed. The counts are those of the reservations that began, or were to begin, on
    the day.
    """

    __tablename__ = "room_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    room_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    open: Mapped[int]
    used: Mapped[int]
    lessons: Mapped[int]
    blocked: Mapped[int]
    outside: Mapped[int]
    reservations: Mapped[int]
    missed: Mapped[int]
    late: Mapped[int]
    declined: Mapped[int]
    early_minutes: Mapped[int]


for _hour in HOURS:
    for _what in ("open", "used"):
        setattr(RoomDay, f"{_what}_{_hour:02}", mapped_column(SmallInteger, nullable=False))
