"""A warning for who stays away several times.

Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
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
)
AFTER = (*BEFORE, "absent_again")


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    op.execute(
        "DELETE FROM inbox_message WHERE reminder_id IN "
        "(SELECT id FROM reminder WHERE kind = 'absent_again')"
    )
    op.execute("DELETE FROM reminder WHERE kind = 'absent_again'")
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("reminder") as table:
        table.drop_constraint(op.f("ck_reminder_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_reminder_kind"), "kind IN (" + ", ".join(f"'{one}'" for one in kinds) + ")"
        )
