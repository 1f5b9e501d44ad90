"""Checking in at a room's door, and letting the room go where nobody comes.

Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MOMENTS = ("check_in_from", "no_show_at", "checked_in_at")


def upgrade() -> None:
    for name in ("check_in_minutes", "no_show_minutes"):
        op.add_column("room_rules", sa.Column(name, sa.Integer(), nullable=True))
    for name in MOMENTS:
        op.add_column("reservation", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_reservation_no_show_at",
        "reservation",
        ["no_show_at"],
        unique=False,
        postgresql_where=sa.text("no_show_at IS NOT NULL"),
        sqlite_where=sa.text("no_show_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_reservation_no_show_at", table_name="reservation")
    for name in MOMENTS:
        op.drop_column("reservation", name)
    for name in ("check_in_minutes", "no_show_minutes"):
        op.drop_column("room_rules", name)
