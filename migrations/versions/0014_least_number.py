"""How many have to sign up for a class, and when it was decided to run it anyway.

Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.add_column(sa.Column("minimum", sa.Integer(), nullable=True))
        table.add_column(sa.Column("run_anyway_at", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint(op.f("ck_course_run_minimum"), "minimum > 0")


def downgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("ck_course_run_minimum"), type_="check")
        table.drop_column("run_anyway_at")
        table.drop_column("minimum")
