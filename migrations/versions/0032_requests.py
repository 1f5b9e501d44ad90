"""Rooms that are given on request.

Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

REQUESTED = sa.text("state = 'requested'")


def upgrade() -> None:
    op.add_column("room_rules", sa.Column("approval", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_booking_requested",
        "booking",
        ["starts_at"],
        unique=False,
        postgresql_where=REQUESTED,
        sqlite_where=REQUESTED,
    )


def downgrade() -> None:
    op.drop_index("ix_booking_requested", table_name="booking")
    op.drop_column("room_rules", "approval")
