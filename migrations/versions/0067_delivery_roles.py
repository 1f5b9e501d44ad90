"""Dispatchers, couriers, counters and accountants of canteens.

Revises: 0066
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

BEFORE = ("manager", "worker", "teacher", "clerk", "cook")
NEW = ("dispatcher", "courier", "counter", "accountant")


def upgrade() -> None:
    _allow((*BEFORE, *NEW))


def downgrade() -> None:
    op.execute(f"DELETE FROM staff_role WHERE role IN ({_listed(NEW)})")  # noqa: S608 - our names
    _allow(BEFORE)


def _listed(roles: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in roles)


def _allow(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("staff_role") as table:
        table.drop_constraint(op.f("ck_staff_role_role"), type_="check")
        table.create_check_constraint(op.f("ck_staff_role_role"), f"role IN ({_listed(roles)})")
