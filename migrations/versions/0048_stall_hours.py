"""When somebody really was at a stall, as staff put it right.

Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stall_hours",
        sa.Column("stall_id", BIG_INT, nullable=False),
        sa.Column("provider_id", BIG_INT, nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("staff_id", BIG_INT, nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute <= until_minute AND until_minute <= 1440",
            name=op.f("ck_stall_hours_within_the_day"),
        ),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stall.id"], name=op.f("fk_stall_hours_stall_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_stall_hours_provider_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_stall_hours_staff_id")),
        sa.PrimaryKeyConstraint("stall_id", "provider_id", name=op.f("pk_stall_hours")),
    )
    op.create_index(
        op.f("ix_stall_hours_provider_id"), "stall_hours", ["provider_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_stall_hours_provider_id"), table_name="stall_hours")
    op.drop_table("stall_hours")
