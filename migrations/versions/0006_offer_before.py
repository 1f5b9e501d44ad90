"""Whoever waits may want an offer only before a moment.

Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WISHED = sa.text("offer_before IS NOT NULL")


def upgrade() -> None:
    op.add_column("booking", sa.Column("offer_before", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_booking_bookable_id_offer_before",
        "booking",
        ["bookable_id", "offer_before"],
        unique=False,
        postgresql_where=WISHED,
        sqlite_where=WISHED,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_booking_bookable_id_offer_before",
        table_name="booking",
        postgresql_where=WISHED,
        sqlite_where=WISHED,
    )
    op.drop_column("booking", "offer_before")
