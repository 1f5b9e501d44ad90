"""Messages to those who hold a queue number: next, soon, paused, closed; each once.

Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
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
    "visit_eve",
    "visit_soon",
)
NEW = ("number_next", "number_soon", "number_paused", "number_closed")
WHERE = sa.text("ticket_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("reminder") as table:
        table.add_column(
            sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        table.create_foreign_key(
            op.f("fk_reminder_ticket_id_ticket"), "ticket", ["ticket_id"], ["id"]
        )
    _allow((*BEFORE, *NEW))
    op.create_index(
        "uq_reminder_ticket",
        "reminder",
        ["ticket_id", "kind"],
        unique=True,
        postgresql_where=WHERE,
        sqlite_where=WHERE,
    )


def downgrade() -> None:
    op.drop_index("uq_reminder_ticket", table_name="reminder")
    op.execute(
        "DELETE FROM inbox_message WHERE reminder_id IN "
        "(SELECT id FROM reminder WHERE ticket_id IS NOT NULL)"
    )
    op.execute("DELETE FROM reminder WHERE ticket_id IS NOT NULL")
    _allow(BEFORE)
    with op.batch_alter_table("reminder") as table:
        table.drop_constraint(op.f("fk_reminder_ticket_id_ticket"), type_="foreignkey")
        table.drop_column("ticket_id")


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("reminder") as table:
        table.drop_constraint(op.f("ck_reminder_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_reminder_kind"), "kind IN (" + ", ".join(f"'{one}'" for one in kinds) + ")"
        )
