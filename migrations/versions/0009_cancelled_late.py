"""A place given back after the deadline is kept in the history with how late it was.

Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_event", sa.Column("late_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("booking_event", "late_minutes")
