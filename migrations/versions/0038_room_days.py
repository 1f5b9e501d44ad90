"""What rooms were open and used on days that are over; minutes given back by ending early.

Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIGURES = (
    "open", "used", "lessons", "blocked", "outside", "reservations", "missed", "late", "declined",
    "early_minutes",
)  # fmt: skip
HOURS = [f"{what}_{hour:02}" for hour in range(24) for what in ("open", "used")]


def upgrade() -> None:
    op.create_table(
        "room_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("room_id", BIG_INT, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in FIGURES),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in HOURS),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_day_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "room_id", name=op.f("pk_room_day")),
    )
    op.create_index(op.f("ix_room_day_room_id"), "room_day", ["room_id"], unique=False)
    op.add_column(
        "reservation",
        sa.Column("early_minutes", sa.Integer(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("reservation", "early_minutes")
    op.drop_index(op.f("ix_room_day_room_id"), table_name="room_day")
    op.drop_table("room_day")
