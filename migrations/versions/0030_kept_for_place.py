"""Places may be kept for the residents of a place.

Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course_run") as table:
        table.add_column(
            sa.Column(
                "kept_place_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        table.create_foreign_key(
            op.f("fk_course_run_kept_place_id"), "place", ["kept_place_id"], ["id"]
        )
    op.create_index(op.f("ix_course_run_kept_place_id"), "course_run", ["kept_place_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_course_run_kept_place_id"), table_name="course_run")
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("fk_course_run_kept_place_id"), type_="foreignkey")
        table.drop_column("kept_place_id")
