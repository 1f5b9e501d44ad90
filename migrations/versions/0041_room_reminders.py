"""Reminders of bookings that are an occasion by themselves, as rooms are.

Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = (
    "booked",
    "waitlisted",
    "offered",
    "offer_expired",
    "cancelled",
    "changed",
    "lesson_eve",
    "lesson_soon",
    "consent",
    "absent_again",
    "standing",
)
NEW = ("visit_eve", "visit_soon")
WHERE = sa.text("lesson_id IS NULL AND occasion_at IS NOT NULL")


def upgrade() -> None:
    _allow((*BEFORE, *NEW))
    op.create_index(
        "uq_reminder_visit",
        "reminder",
        ["booking_id", "kind", "occasion_at"],
        unique=True,
        postgresql_where=WHERE,
        sqlite_where=WHERE,
    )


def downgrade() -> None:
    op.drop_index("uq_reminder_visit", table_name="reminder")
    op.execute(
        "DELETE FROM inbox_message WHERE reminder_id IN "
        "(SELECT id FROM reminder WHERE kind IN ('visit_eve', 'visit_soon'))"
    )
    op.execute("DELETE FROM reminder WHERE kind IN ('visit_eve', 'visit_soon')")
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("reminder") as table:
        table.drop_constraint(op.f("ck_reminder_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_reminder_kind"), "kind IN (" + ", ".join(f"'{one}'" for one in kinds) + ")"
        )
