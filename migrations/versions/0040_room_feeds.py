"""Links to the calendars of venues and rooms.

Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "room_feed",
        sa.Column("id", BIG_INT, nullable=False),
        sa.Column("venue_id", BIG_INT, nullable=False),
        sa.Column("room_id", BIG_INT, nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("with_names", sa.Boolean(), nullable=False),
        sa.Column("staff_id", BIG_INT, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", BIG_INT, nullable=True),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_room_feed_venue_id")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_feed_room_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_room_feed_staff_id")),
        sa.ForeignKeyConstraint(["revoked_by"], ["staff.id"], name=op.f("fk_room_feed_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_feed")),
    )
    op.create_index(op.f("ix_room_feed_venue_id"), "room_feed", ["venue_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_room_feed_venue_id"), table_name="room_feed")
    op.drop_table("room_feed")
