"""Dishes that were to be cooked instead, and then were not.

Revises: 0074
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_replacement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "menu_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("dish_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("credited_fen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dish_id"], ["dish.id"], name=op.f("fk_ended_replacement_dish_id")
        ),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_ended_replacement_menu_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_ended_replacement_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_replacement")),
    )
    op.create_index(
        op.f("ix_ended_replacement_dish_id"), "ended_replacement", ["dish_id"], unique=False
    )
    op.create_index(
        op.f("ix_ended_replacement_menu_item_id"),
        "ended_replacement",
        ["menu_item_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_ended_replacement_menu_item_id"), table_name="ended_replacement")
    op.drop_index(op.f("ix_ended_replacement_dish_id"), table_name="ended_replacement")
    op.drop_table("ended_replacement")
