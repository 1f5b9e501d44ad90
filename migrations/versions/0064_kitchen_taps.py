"""What is counted on the board at the pass.

Revises: 0063
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kitchen_tap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "menu_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("stage", sa.String(length=6), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(stage = 'packed') = (mode IS NOT NULL)", name=op.f("ck_kitchen_tap_packed")
        ),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'pick_up', 'delivery')", name=op.f("ck_kitchen_tap_mode")
        ),
        sa.CheckConstraint("stage IN ('cooked', 'packed')", name=op.f("ck_kitchen_tap_stage")),
        sa.CheckConstraint("count <> 0", name=op.f("ck_kitchen_tap_count")),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_kitchen_tap_menu_item_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_kitchen_tap_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kitchen_tap")),
        sa.UniqueConstraint("key", name=op.f("uq_kitchen_tap_key")),
    )
    op.create_index(
        op.f("ix_kitchen_tap_menu_item_id"), "kitchen_tap", ["menu_item_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_kitchen_tap_menu_item_id"), table_name="kitchen_tap")
    op.drop_table("kitchen_tap")
