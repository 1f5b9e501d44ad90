"""The residents of a place may sign up first, until a moment.

Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.add_column(
            sa.Column(
                "priority_place_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        table.add_column(sa.Column("priority_until", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(
            op.f("fk_course_run_priority_place_id"), "place", ["priority_place_id"], ["id"]
        )
        table.create_check_constraint(
            op.f("ck_course_run_priority"),
            "(priority_place_id IS NULL) = (priority_until IS NULL)",
        )
    op.create_index(
        op.f("ix_course_run_priority_place_id"), "course_run", ["priority_place_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_course_run_priority_place_id"), table_name="course_run")
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("ck_course_run_priority"), type_="check")
        table.drop_constraint(op.f("fk_course_run_priority_place_id"), type_="foreignkey")
        table.drop_column("priority_until")
        table.drop_column("priority_place_id")
