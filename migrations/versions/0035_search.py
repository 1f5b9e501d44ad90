"""The search across rooms finds what uses them at a time, and what wants gaps, by indexes.

Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

WITH_GAPS = sa.text("buffer_before > 0 OR buffer_after > 0")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_occupancy_during ON occupancy"
            " USING gist (tstzrange(starts_at, ends_at))"
        )
    op.create_index(
        "ix_reservation_with_gaps",
        "reservation",
        ["booking_id"],
        unique=False,
        postgresql_where=WITH_GAPS,
        sqlite_where=WITH_GAPS,
    )


def downgrade() -> None:
    op.drop_index("ix_reservation_with_gaps", table_name="reservation")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_occupancy_during")
