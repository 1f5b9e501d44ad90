"""Dishes that are replaced, and clashes found after orders closed.

Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dish_replacement",
        sa.Column(
            "menu_item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("dish_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("credited_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("credited_fen >= 0", name=op.f("ck_dish_replacement_credited_fen")),
        sa.CheckConstraint("list_fen > 0", name=op.f("ck_dish_replacement_list_fen")),
        sa.ForeignKeyConstraint(["dish_id"], ["dish.id"], name=op.f("fk_dish_replacement_dish_id")),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_dish_replacement_menu_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_dish_replacement_staff_id")
        ),
        sa.PrimaryKeyConstraint("menu_item_id", name=op.f("pk_dish_replacement")),
    )
    op.create_index(
        op.f("ix_dish_replacement_dish_id"), "dish_replacement", ["dish_id"], unique=False
    )
    op.create_table(
        "late_clash",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "menu_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mark", sa.String(length=60), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_late_clash_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_late_clash_menu_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_clash")),
        sa.UniqueConstraint(
            "booking_id",
            "menu_item_id",
            "mark",
            name=op.f("uq_late_clash_booking_id_menu_item_id_mark"),
        ),
    )


def downgrade() -> None:
    op.drop_table("late_clash")
    op.drop_index(op.f("ix_dish_replacement_dish_id"), table_name="dish_replacement")
    op.drop_table("dish_replacement")
