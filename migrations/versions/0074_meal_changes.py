"""The keys under which orders of meals were changed.

Revises: 0073
"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meal_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("idempotency_hash", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_meal_change_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["meal_order.booking_id"],
            name=op.f("fk_meal_change_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_change")),
        sa.UniqueConstraint(
            "account_id", "idempotency_key", name=op.f("uq_meal_change_account_id_idempotency_key")
        ),
    )
    op.create_index("ix_meal_change_booking_id", "meal_change", ["booking_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_meal_change_booking_id", table_name="meal_change")
    op.drop_table("meal_change")
