"""Rooms that staff take out of use for a time, and whose reservations ended by it.

Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "room_block",
        sa.Column("id", BIG, nullable=False),
        sa.Column("venue_id", BIG, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_room_block_order")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_room_block_staff_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_room_block_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_block")),
    )
    op.create_index("ix_room_block_venue_id_ends_at", "room_block", ["venue_id", "ends_at"])
    _of_block("room_block_room", "room")
    _of_block("room_block_hit", "booking")


def _of_block(name: str, other: str) -> None:
    """A table of pairs, found from either side."""
    op.create_table(
        name,
        sa.Column("block_id", BIG, nullable=False),
        sa.Column(f"{other}_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["room_block.id"], name=op.f(f"fk_{name}_block_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            [f"{other}_id"],
            [f"{other}.id"],
            name=op.f(f"fk_{name}_{other}_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("block_id", f"{other}_id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_{other}_id"), name, [f"{other}_id"])


def downgrade() -> None:
    for name, other in (("room_block_hit", "booking"), ("room_block_room", "room")):
        op.drop_index(op.f(f"ix_{name}_{other}_id"), table_name=name)
        op.drop_table(name)
    op.drop_index("ix_room_block_venue_id_ends_at", table_name="room_block")
    op.drop_table("room_block")
