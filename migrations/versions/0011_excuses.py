"""Residents ask to be excused: the asking, and marks that come of it.

Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "excuse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_excuse_account_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_excuse_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_excuse_lesson_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse")),
        sa.UniqueConstraint("lesson_id", "booking_id", name=op.f("uq_excuse_lesson_id_booking_id")),
    )
    op.create_index("ix_excuse_booking_id", "excuse", ["booking_id"], unique=False)
    _taken_by("tap", "resident", "resident_code", "class_code")


def downgrade() -> None:
    op.execute("UPDATE attendance SET taken_by = 'tap' WHERE taken_by = 'resident'")
    _taken_by("tap", "resident_code", "class_code")
    op.drop_index("ix_excuse_booking_id", table_name="excuse")
    op.drop_table("excuse")


def _taken_by(*ways: str) -> None:
    """How attendance may have been taken."""
    listed = ", ".join(f"'{way}'" for way in ways)
    with op.batch_alter_table("attendance") as table:
        table.drop_constraint(op.f("ck_attendance_taken_by"), type_="check")
        table.create_check_constraint(op.f("ck_attendance_taken_by"), f"taken_by IN ({listed})")
