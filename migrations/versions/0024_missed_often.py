"""How much somebody may have missed of late to sign up for a class.

Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.add_column(sa.Column("most_missed", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_course_run_most_missed"), "most_missed > 0")


def downgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("ck_course_run_most_missed"), type_="check")
        table.drop_column("most_missed")
