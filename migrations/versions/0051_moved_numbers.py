"""Queue numbers handed on to another stall as one closes.

Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

BEFORE = ("waiting", "called", "served", "no_show", "left", "closed")


def upgrade() -> None:
    with op.batch_alter_table("ticket") as table:
        table.add_column(sa.Column("behind", sa.Integer()))
        table.add_column(
            sa.Column("moved_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        table.create_foreign_key(
            op.f("fk_ticket_moved_to_id_ticket"), "ticket", ["moved_to_id"], ["id"]
        )
        table.create_index(op.f("ix_ticket_moved_to_id"), ["moved_to_id"])
        table.drop_constraint(op.f("ck_ticket_stage"), type_="check")
        table.create_check_constraint(op.f("ck_ticket_stage"), _one_of(*BEFORE, "moved"))
        table.create_check_constraint(
            op.f("ck_ticket_moved"), "(stage = 'moved') = (moved_to_id IS NOT NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket") as table:
        table.drop_constraint(op.f("ck_ticket_moved"), type_="check")
    op.execute("UPDATE ticket SET stage = 'closed', moved_to_id = NULL WHERE stage = 'moved'")
    with op.batch_alter_table("ticket") as table:
        table.drop_constraint(op.f("ck_ticket_stage"), type_="check")
        table.create_check_constraint(op.f("ck_ticket_stage"), _one_of(*BEFORE))
        table.drop_index(op.f("ix_ticket_moved_to_id"))
        table.drop_constraint(op.f("fk_ticket_moved_to_id_ticket"), type_="foreignkey")
        table.drop_column("moved_to_id")
        table.drop_column("behind")


def _one_of(*stages: str) -> str:
    return "stage IN (" + ", ".join(f"'{one}'" for one in stages) + ")"
