"""Links by which teachers without an account take attendance.

Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teacher_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revoked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["staff.id"], name=op.f("fk_teacher_link_revoked_by")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_teacher_link_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_teacher_link_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_link")),
    )
    op.create_index(op.f("ix_teacher_link_run_id"), "teacher_link", ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_teacher_link_run_id"), table_name="teacher_link")
    op.drop_table("teacher_link")
