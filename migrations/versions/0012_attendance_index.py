"""The presence stands in the index by booking: statistics add up marks without the table.

Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "ix_attendance_booking_id"


def upgrade() -> None:
    _renew(postgresql_include=["presence"])


def downgrade() -> None:
    _renew()


def _renew(**options: list[str]) -> None:
    """SQLite has no such columns in an index, and keeps the one it has."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(NAME, table_name="attendance")
        op.create_index(NAME, "attendance", ["booking_id"], unique=False, **options)
