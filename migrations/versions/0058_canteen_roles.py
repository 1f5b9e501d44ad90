"""Clerks and cooks of canteens.

Revises: 0057
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

BEFORE = ("manager", "worker", "teacher")
NEW = ("clerk", "cook")


def upgrade() -> None:
    _allow((*BEFORE, *NEW))


def downgrade() -> None:
    op.execute("DELETE FROM staff_role WHERE role IN ('clerk', 'cook')")
    _allow(BEFORE)


def _allow(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(op.f("ck_staff_role_role"), type_="check")
        table.create_check_constraint(
            op.f("ck_staff_role_role"), "role IN (" + ", ".join(f"'{one}'" for one in roles) + ")"
        )
