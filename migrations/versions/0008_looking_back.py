"""Rules that look back: a course needed first, once a year, so many classes a term.

Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: copying the table would lose the triggers that keep terms apart.
    op.add_column("term", sa.Column("most_per_person", sa.Integer(), nullable=True))
    with op.batch_alter_table("course_run") as table:
        table.add_column(
            sa.Column(
                "needs_course_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        table.add_column(
            sa.Column("once_a_year", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.create_foreign_key(
            op.f("fk_course_run_needs_course_id"), "course", ["needs_course_id"], ["id"]
        )
    op.create_index(
        op.f("ix_course_run_needs_course_id"), "course_run", ["needs_course_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_course_run_needs_course_id"), table_name="course_run")
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("fk_course_run_needs_course_id"), type_="foreignkey")
        table.drop_column("once_a_year")
        table.drop_column("needs_course_id")
    op.drop_column("term", "most_per_person")
