"""Places as one tree, days off, rooms made of atoms, and occupancy: who has which atom when."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    column,
    event,
    false,
    func,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment, one_of


class PlaceKind(StrEnum):
    """The levels of the tree, from the top."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ESTATE = "estate"
    BUILDING = "building"


class Place(Model):
    """A district, street (街道), community (社区), estate (小区) or building (楼栋).

    `path` is the chain of ids from the top, `/1/4/17/`: all below a place begins with its path,
    so a staff role on a street reaches its communities by one comparison. `duty_phone`: the mobile
    of its duty office, for text messages; where it has none, the next place above counts.
    """

    __tablename__ = "place"
    __table_args__ = (one_of("kind", PlaceKind), Index("ix_place_path", "path", unique=True))

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    path: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    duty_phone: Mapped[str | None] = mapped_column(String(20))


class DayKind(StrEnum):
    """What an entry makes of a day."""

    OFF = "off"
    WORK = "work"


class CalendarDay(Model):
    """A day on which the district departs from the calendar known so far: off, or worked.

    For years that are not announced yet, and for late changes.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (one_of("kind", DayKind),)

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(Date, unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(20))


class Closure(Model):
    """A place and all below it are closed, both days included."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="order"),
        Index("ix_closure_ends_on", "ends_on"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(60))


class Venue(Model):
    """A house with rooms (场馆): the district's centre, a community's, an estate's station.

    `latitude` and `longitude` are degrees as maps in China have them (GCJ-02), for "near me";
    `step_free`: wheels and weak knees get in, to `access` in words.
    """

    __tablename__ = "venue"
    __table_args__ = (CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="position"),)

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    step_free: Mapped[bool] = mapped_column(default=False, server_default=false())
    access: Mapped[str | None] = mapped_column(String(120))
    picture: Mapped[str | None] = mapped_column(String(80))


class RoomFunction(StrEnum):
    """What a room is good for."""

    CALLIGRAPHY = "calligraphy"
    CHESS = "chess"
    DANCE = "dance"
    FAMILY = "family"
    MEETING = "meeting"
    STUDIO = "studio"
    LECTURE = "lecture"
    CRAFT = "craft"
    MUSIC = "music"
    KITCHEN = "kitchen"
    READING = "reading"


class Equipment(StrEnum):
    """What stands in a room for use."""

    PROJECTOR = "projector"
    SCREEN = "screen"
    WHITEBOARD = "whiteboard"
    SOUND = "sound"
    MICROPHONE = "microphone"
    PIANO = "piano"
    MIRRORS = "mirrors"
    COMPUTERS = "computers"
    CAMERA = "camera"
    STOVE = "stove"
    MATS = "mats"


class Room(Model):
    """A room (功能室) of a venue that lessons and reservations take place in.

    `functions` and `equipment` are lists of the words above.
    """

    __tablename__ = "room"

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    venue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("venue.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    capacity: Mapped[int]
    directions: Mapped[str | None] = mapped_column(String(120))
    functions: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    equipment: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    step_free: Mapped[bool] = mapped_column(default=False, server_default=false())
    picture: Mapped[str | None] = mapped_column(String(80))


class Atom(Model):
    """The smallest thing that can be in use: half a hall, a small room, a projector."""

    __tablename__ = "atom"

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))


class RoomAtom(Model):
    """Which atoms a room is made of: the hall is its left and its right half."""

    __tablename__ = "room_atom"

    room_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True
    )
    atom_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("atom.id"), primary_key=True, index=True
    )


class OccupantKind(StrEnum):
    """What may occupy an atom; `occupant_id` is a row of that kind."""

    LESSON = "lesson"
    BLOCK = "block"
    RESERVATION = "reservation"
    MARKET = "market"


class Occupancy(Model):
    """One atom in use from `starts_at` up to `ends_at`; overlap is refused by the database."""

    __tablename__ = "occupancy"
    __table_args__ = (
        one_of("occupant_kind", OccupantKind),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_occupancy_atom_id_starts_at", "atom_id", "starts_at"),
        # What uses any room at some time; by the rooms themselves the other index is asked.
        Index(
            "ix_occupancy_during",
            func.tstzrange(column("starts_at"), column("ends_at")),
            postgresql_using="gist",
        ).ddl_if(dialect="postgresql"),
        Index("ix_occupancy_occupant", "occupant_kind", "occupant_id"),
    )

    id: Mapped[Id]
    atom_id: Mapped[int] = mapped_column(BigInt, ForeignKey("atom.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    occupant_kind: Mapped[str] = mapped_column(String(16))
    occupant_id: Mapped[int] = mapped_column(BigInt)


# An exclusion constraint over an integer and a span would need the btree_gist extension; a range of
# one integer does not.
NO_OVERLAP_POSTGRESQL = """
ALTER TABLE occupancy ADD CONSTRAINT ex_occupancy_overlap EXCLUDE USING gist (
    int8range(atom_id, atom_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
"""
NO_OVERLAP_SQLITE = """
CREATE TRIGGER tr_occupancy_overlap_{verb} BEFORE {verb} ON occupancy
WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.atom_id = NEW.atom_id AND o.id IS NOT NEW.id
             AND o.starts_at < NEW.ends_at AND NEW.starts_at < o.ends_at)
BEGIN SELECT RAISE(ABORT, 'ex_occupancy_overlap'); END
"""


@event.listens_for(Occupancy.__table__, "after_create")
def _refuse_overlap(_table: Table, connection: Connection, **_options: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(NO_OVERLAP_POSTGRESQL)
        return
    for verb in ("insert", "update"):
        connection.exec_driver_sql(NO_OVERLAP_SQLITE.format(verb=verb))
