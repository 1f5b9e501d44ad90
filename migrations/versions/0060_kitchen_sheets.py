"""The kitchen's sheet of a meal and its papers.

Revises: 0059
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kitchen_sheet",
        sa.Column(
            "meal_service_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("papers_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "0 <= orders AND orders <= portions", name=op.f("ck_kitchen_sheet_orders")
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_kitchen_sheet_meal_service_id")
        ),
        sa.PrimaryKeyConstraint("meal_service_id", name=op.f("pk_kitchen_sheet")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "kitchen_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "menu_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("texture", sa.String(length=6), nullable=False),
        sa.Column(
            "marks",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'pick_up', 'delivery')", name=op.f("ck_kitchen_line_mode")
        ),
        sa.CheckConstraint(
            "texture IN ('normal', 'soft', 'minced', 'pureed')",
            name=op.f("ck_kitchen_line_texture"),
        ),
        sa.CheckConstraint("portions > 0", name=op.f("ck_kitchen_line_portions")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_kitchen_line_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"],
            ["kitchen_sheet.meal_service_id"],
            name=op.f("fk_kitchen_line_meal_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_kitchen_line_menu_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kitchen_line")),
        sa.UniqueConstraint(
            "booking_id", "menu_item_id", name=op.f("uq_kitchen_line_booking_id_menu_item_id")
        ),
    )
    op.create_index(
        "ix_kitchen_line_meal_service_id", "kitchen_line", ["meal_service_id"], unique=False
    )
    op.create_index(
        op.f("ix_kitchen_line_menu_item_id"), "kitchen_line", ["menu_item_id"], unique=False
    )
    op.create_table(
        "kitchen_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("pdf", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sheet', 'labels')", name=op.f("ck_kitchen_paper_kind")),
        sa.ForeignKeyConstraint(
            ["meal_service_id"],
            ["kitchen_sheet.meal_service_id"],
            name=op.f("fk_kitchen_paper_meal_service_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kitchen_paper")),
        sa.UniqueConstraint(
            "meal_service_id", "kind", name=op.f("uq_kitchen_paper_meal_service_id_kind")
        ),
    )


def downgrade() -> None:
    op.drop_table("kitchen_paper")
    op.drop_index(op.f("ix_kitchen_line_menu_item_id"), table_name="kitchen_line")
    op.drop_index("ix_kitchen_line_meal_service_id", table_name="kitchen_line")
    op.drop_table("kitchen_line")
    op.drop_table("kitchen_sheet")
