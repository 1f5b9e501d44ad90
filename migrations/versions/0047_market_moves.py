"""Where markets stood before they were moved.

Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "market_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("was_day", sa.Date(), nullable=False),
        sa.Column(
            "was_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("was_spot", sa.String(length=60), nullable=False),
        sa.Column("was_from_minute", sa.Integer(), nullable=False),
        sa.Column("was_until_minute", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "was_from_minute <= was_until_minute", name=op.f("ck_market_move_hours")
        ),
        sa.ForeignKeyConstraint(
            ["market_day_id"], ["market_day.id"], name=op.f("fk_market_move_market_day_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_market_move_staff_id")),
        sa.ForeignKeyConstraint(
            ["was_place_id"], ["place.id"], name=op.f("fk_market_move_was_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_move")),
    )
    op.create_index(
        op.f("ix_market_move_market_day_id"), "market_move", ["market_day_id"], unique=False
    )
    op.create_index("ix_market_move_was_day", "market_move", ["was_day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_market_move_was_day", table_name="market_move")
    op.drop_index(op.f("ix_market_move_market_day_id"), table_name="market_move")
    op.drop_table("market_move")
