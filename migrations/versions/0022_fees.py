"""What classes cost: who has paid, and what was given back or waived.

Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fee",
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(length=60), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('unpaid', 'paid', 'refunded', 'waived')", name=op.f("ck_fee_state")
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_fee_amount")),
        sa.CheckConstraint("state = 'unpaid' OR marked_at IS NOT NULL", name=op.f("ck_fee_marked")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_fee_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_fee_staff_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_fee")),
    )


def downgrade() -> None:
    op.drop_table("fee")
