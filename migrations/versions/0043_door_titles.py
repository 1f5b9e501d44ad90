"""Whether screens at the door say what residents reserved a room for.

Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room_rules", sa.Column("door_titles", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("room_rules", "door_titles")
