"""What a canteen's month cost, and the figures that were published of it.

Revises: 0076
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canteen_month",
        sa.Column(
            "canteen_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=True),
        sa.Column("meals", sa.Integer(), nullable=True),
        sa.Column(
            "income_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "subsidy_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(published_at IS NULL) = (meals IS NULL) AND (published_at IS NULL) = (income_fen IS NULL) AND (published_at IS NULL) = (subsidy_fen IS NULL)",
            name=op.f("ck_canteen_month_published"),
        ),
        sa.CheckConstraint("cost_fen >= 0", name=op.f("ck_canteen_month_cost_fen")),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_canteen_month_canteen_id")
        ),
        sa.PrimaryKeyConstraint("canteen_id", "month", name=op.f("pk_canteen_month")),
    )
    op.create_index(op.f("ix_canteen_month_month"), "canteen_month", ["month"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_canteen_month_month"), table_name="canteen_month")
    op.drop_table("canteen_month")
