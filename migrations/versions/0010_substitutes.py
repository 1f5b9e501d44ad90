"""Who teaches a lesson instead, and for how long there is an agreement with a teacher.

Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("teacher") as table:
        table.add_column(sa.Column("agreement_from", sa.Date(), nullable=True))
        table.add_column(sa.Column("agreement_until", sa.Date(), nullable=True))
        table.create_check_constraint(
            op.f("ck_teacher_agreement"), "agreement_from <= agreement_until"
        )
    with op.batch_alter_table("lesson") as table:
        table.add_column(
            sa.Column(
                "teacher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        table.create_foreign_key(op.f("fk_lesson_teacher_id"), "teacher", ["teacher_id"], ["id"])
    op.create_index(op.f("ix_lesson_teacher_id"), "lesson", ["teacher_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_lesson_teacher_id"), table_name="lesson")
    with op.batch_alter_table("lesson") as table:
        table.drop_constraint(op.f("fk_lesson_teacher_id"), type_="foreignkey")
        table.drop_column("teacher_id")
    with op.batch_alter_table("teacher") as table:
        table.drop_constraint(op.f("ck_teacher_agreement"), type_="check")
        table.drop_column("agreement_until")
        table.drop_column("agreement_from")
