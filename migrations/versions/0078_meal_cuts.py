"""What the layers give less where something cheaper was cooked than was ordered.

Revises: 0077
"""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meal_cut",
        sa.Column(
            "booking_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payer", sa.String(length=9), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_meal_cut_fen")),
        sa.CheckConstraint(
            "payer IN ('city', 'district', 'street', 'community')", name=op.f("ck_meal_cut_payer")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["meal_order.booking_id"],
            name=op.f("fk_meal_cut_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", "part", "payer", name=op.f("pk_meal_cut")),
    )


def downgrade() -> None:
    op.drop_table("meal_cut")
