"""Places kept for a group until a moment: who sits on them, and who may.

Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bookable") as table:
        table.add_column(sa.Column("kept", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("kept_taken", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint(
            op.f("ck_bookable_kept"), "0 <= kept_taken AND kept_taken <= kept"
        )
        table.create_check_constraint(
            op.f("ck_bookable_kept_until"), "kept = 0 OR kept_until IS NOT NULL"
        )
    op.add_column(
        "booking", sa.Column("in_group", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("booking", sa.Column("on_kept", sa.Integer(), server_default="0", nullable=False))
    op.add_column("course_run", sa.Column("kept_from_age", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("course_run", "kept_from_age")
    op.drop_column("booking", "on_kept")
    op.drop_column("booking", "in_group")
    with op.batch_alter_table("bookable") as table:
        table.drop_constraint(op.f("ck_bookable_kept_until"), type_="check")
        table.drop_constraint(op.f("ck_bookable_kept"), type_="check")
        table.drop_column("kept_until")
        table.drop_column("kept_taken")
        table.drop_column("kept")
