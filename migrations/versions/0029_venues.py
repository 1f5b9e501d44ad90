"""Venues with rooms that residents reserve: rules, hours, reservations.

Every place that has rooms gets a venue of its name; its rooms open for reservation as soon as
somebody sets hours.

Revises: 0028
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
KINDS = {
    "new": "occupant_kind IN ('lesson', 'block', 'reservation')",
    "old": "occupant_kind IN ('lesson', 'block')",
}
NO_OVERLAP_SQLITE = """
CREATE TRIGGER tr_occupancy_overlap_{verb} BEFORE {verb} ON occupancy
WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.atom_id = NEW.atom_id AND o.id IS NOT NEW.id
             AND o.starts_at < NEW.ends_at AND NEW.starts_at < o.ends_at)
BEGIN SELECT RAISE(ABORT, 'ex_occupancy_overlap'); END
"""

_OF_ROOMS = """
(SELECT b.id FROM booking b JOIN bookable o ON o.id = b.bookable_id WHERE o.kind = 'room')
"""
_FORGET = (
    """DELETE FROM inbox_message WHERE reminder_id IN (SELECT r.id FROM reminder r
       JOIN booking b ON b.id = r.booking_id JOIN bookable o ON o.id = b.bookable_id
       WHERE o.kind = 'room')""",
    f"DELETE FROM reminder WHERE booking_id IN {_OF_ROOMS}",  # noqa: S608
    f"DELETE FROM booking_event WHERE booking_id IN {_OF_ROOMS}",  # noqa: S608
)

_moment = sa.DateTime(timezone=True)
_bookable = sa.table(
    "bookable",
    *(sa.column(name) for name in ("id", "kind", "title", "place_id")),
    *(sa.column(name, _moment) for name in ("starts_at", "ends_at", "published_at")),
)
_room = sa.table("room", *(sa.column(name) for name in ("id", "name", "place_id")))
_open_room = sa.table("open_room", sa.column("id"), sa.column("room_id"))


def upgrade() -> None:
    op.create_table(
        "venue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("step_free", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("access", sa.String(length=120), nullable=True),
        sa.Column("picture", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_venue_position")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_venue_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("code", name=op.f("uq_venue_code")),
    )
    op.create_index(op.f("ix_venue_place_id"), "venue", ["place_id"], unique=False)
    op.create_table(
        "open_room",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["bookable.id"], name=op.f("fk_open_room_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_open_room_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_room")),
        sa.UniqueConstraint("room_id", name=op.f("uq_open_room_room_id")),
    )
    op.create_table(
        "opening_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_opening_day_room_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_opening_day_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_day")),
        sa.UniqueConstraint("room_id", "day", name=op.f("uq_opening_day_room_id_day")),
    )
    op.create_index(
        "uq_opening_day_venue",
        "opening_day",
        ["venue_id", "day"],
        unique=True,
        postgresql_where=sa.text("room_id IS NULL"),
        sqlite_where=sa.text("room_id IS NULL"),
    )
    op.create_table(
        "room_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("monday", sa.String(length=60), nullable=True),
        sa.Column("tuesday", sa.String(length=60), nullable=True),
        sa.Column("wednesday", sa.String(length=60), nullable=True),
        sa.Column("thursday", sa.String(length=60), nullable=True),
        sa.Column("friday", sa.String(length=60), nullable=True),
        sa.Column("saturday", sa.String(length=60), nullable=True),
        sa.Column("sunday", sa.String(length=60), nullable=True),
        sa.Column("holiday", sa.String(length=60), nullable=True),
        sa.Column("grid_minutes", sa.Integer(), nullable=True),
        sa.Column("min_minutes", sa.Integer(), nullable=True),
        sa.Column("max_minutes", sa.Integer(), nullable=True),
        sa.Column("whole_day", sa.Boolean(), nullable=True),
        sa.Column("buffer_before", sa.Integer(), nullable=True),
        sa.Column("buffer_after", sa.Integer(), nullable=True),
        sa.Column("lead_minutes", sa.Integer(), nullable=True),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("cancel_minutes", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=10), nullable=True),
        sa.Column("person_live", sa.Integer(), nullable=True),
        sa.Column("household_live", sa.Integer(), nullable=True),
        sa.Column("person_week_minutes", sa.Integer(), nullable=True),
        sa.Column("household_week_minutes", sa.Integer(), nullable=True),
        sa.Column("across_venue", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "audience IN ('everyone', 'district', 'street', 'community', 'staff')",
            name=op.f("ck_room_rules_audience"),
        ),
        sa.CheckConstraint(
            "CASE WHEN place_id IS NULL THEN 0 ELSE 1 END + CASE WHEN venue_id IS NULL THEN 0 ELSE 1 END + CASE WHEN room_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_room_rules_one_scope"),
        ),
        sa.CheckConstraint("min_minutes <= max_minutes", name=op.f("ck_room_rules_lengths")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_room_rules_place_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_rules_room_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_room_rules_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_rules")),
        sa.UniqueConstraint("place_id", name=op.f("uq_room_rules_place_id")),
        sa.UniqueConstraint("room_id", name=op.f("uq_room_rules_room_id")),
        sa.UniqueConstraint("venue_id", name=op.f("uq_room_rules_venue_id")),
    )
    op.create_table(
        "reservation",
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("wishes", sa.String(length=200), nullable=True),
        sa.Column("buffer_before", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer_after", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("headcount > 0", name=op.f("ck_reservation_headcount")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_reservation_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_reservation")),
    )
    op.execute(
        "INSERT INTO venue (place_id, code, name, address, phone) "
        "SELECT id, code, name, address, phone FROM place "
        "WHERE id IN (SELECT place_id FROM room) ORDER BY id"
    )
    with op.batch_alter_table("room") as table:
        table.add_column(
            sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        for name in ("functions", "equipment"):
            json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
            table.add_column(sa.Column(name, json, server_default="[]", nullable=False))
        table.add_column(
            sa.Column("step_free", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
        table.add_column(sa.Column("picture", sa.String(length=80), nullable=True))
    op.execute(
        "UPDATE room SET venue_id = (SELECT v.id FROM venue v WHERE v.place_id = room.place_id)"
    )
    with op.batch_alter_table("room") as table:
        table.alter_column("venue_id", existing_type=sa.BigInteger(), nullable=False)
        table.create_index(op.f("ix_room_venue_id"), ["venue_id"], unique=False)
        table.create_foreign_key(op.f("fk_room_venue_id"), "venue", ["venue_id"], ["id"])
    _open_rooms()
    _allow("new")


def _open_rooms() -> None:
    """Each room becomes a bookable."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_room).order_by(_room.c.id)).all():
        starts_at, ends_at = ALWAYS
        made = sa.insert(_bookable).values(
            kind="room", title=row.name, place_id=row.place_id, starts_at=starts_at,
            ends_at=ends_at, published_at=starts_at,
        )  # fmt: skip
        bookable_id = connection.execute(made.returning(_bookable.c.id)).scalar_one()
        connection.execute(sa.insert(_open_room).values(id=bookable_id, room_id=row.id))


def _allow(kinds: str) -> None:
    """Which kinds of occupants there are; SQLite copies the table, and drops its triggers."""
    with op.batch_alter_table("occupancy") as table:
        table.drop_constraint(op.f("ck_occupancy_occupant_kind"), type_="check")
        table.create_check_constraint(op.f("ck_occupancy_occupant_kind"), KINDS[kinds])
    if op.get_context().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS tr_occupancy_overlap_{verb}")
            op.execute(NO_OVERLAP_SQLITE.format(verb=verb))


def downgrade() -> None:
    op.execute("DELETE FROM occupancy WHERE occupant_kind = 'reservation'")
    _allow("old")
    with op.batch_alter_table("room") as table:
        table.drop_constraint(op.f("fk_room_venue_id"), type_="foreignkey")
        table.drop_index(op.f("ix_room_venue_id"))
        for name in ("picture", "step_free", "equipment", "functions", "venue_id"):
            table.drop_column(name)
    op.drop_table("reservation")
    op.drop_table("room_rules")
    op.drop_table("opening_day")
    op.drop_table("open_room")
    for statement in _FORGET:
        op.execute(statement)
    op.execute(
        "DELETE FROM booking WHERE bookable_id IN (SELECT id FROM bookable WHERE kind = 'room')"
    )
    op.execute("DELETE FROM bookable WHERE kind = 'room'")
    op.drop_table("venue")
