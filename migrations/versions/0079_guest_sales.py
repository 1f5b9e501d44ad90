"""Meals sold to guests, and their receipts.

Revises: 0078
"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "guest_sale",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("meal_service_id", BIG, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", BIG, nullable=True),
        sa.Column("undone_reason", sa.String(length=80), nullable=True),
        sa.CheckConstraint("fen > 0", name=op.f("ck_guest_sale_fen")),
        sa.CheckConstraint("people > 0", name=op.f("ck_guest_sale_people")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL) AND (undone_at IS NULL) = (undone_reason IS NULL)",
            name=op.f("ck_guest_sale_undone"),
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_guest_sale_meal_service_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_guest_sale_staff_id")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["staff.id"], name=op.f("fk_guest_sale_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_sale")),
        sa.UniqueConstraint("key", name=op.f("uq_guest_sale_key")),
    )
    op.create_index("ix_guest_sale_meal_service_id", "guest_sale", ["meal_service_id"])
    op.create_index(op.f("ix_guest_sale_staff_id"), "guest_sale", ["staff_id"])
    op.create_index(op.f("ix_guest_sale_undone_by_id"), "guest_sale", ["undone_by_id"])
    op.create_table(
        "guest_line",
        sa.Column("sale_id", BIG, autoincrement=False, nullable=False),
        sa.Column("menu_item_id", BIG, autoincrement=False, nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("portions > 0", name=op.f("ck_guest_line_portions")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_guest_line_fen")),
        sa.ForeignKeyConstraint(["sale_id"], ["guest_sale.id"], name=op.f("fk_guest_line_sale_id")),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_guest_line_menu_item_id")
        ),
        sa.PrimaryKeyConstraint("sale_id", "menu_item_id", name=op.f("pk_guest_line")),
    )
    op.create_index("ix_guest_line_menu_item_id", "guest_line", ["menu_item_id"])
    with op.batch_alter_table("meal_receipt") as table:
        table.add_column(sa.Column("guest_sale_id", BIG, nullable=True))
        table.alter_column("entry_id", existing_type=BIG, nullable=True)
        table.create_foreign_key(
            op.f("fk_meal_receipt_guest_sale_id"), "guest_sale", ["guest_sale_id"], ["id"]
        )
        table.create_check_constraint(
            op.f("ck_meal_receipt_about"), "(entry_id IS NULL) <> (guest_sale_id IS NULL)"
        )
        table.create_unique_constraint(
            op.f("uq_meal_receipt_guest_sale_id_fen"), ["guest_sale_id", "fen"]
        )


def downgrade() -> None:
    op.execute("DELETE FROM meal_receipt WHERE guest_sale_id IS NOT NULL")
    with op.batch_alter_table("meal_receipt") as table:
        table.drop_constraint(op.f("uq_meal_receipt_guest_sale_id_fen"), type_="unique")
        table.drop_constraint(op.f("ck_meal_receipt_about"), type_="check")
        table.drop_constraint(op.f("fk_meal_receipt_guest_sale_id"), type_="foreignkey")
        table.alter_column("entry_id", existing_type=BIG, nullable=False)
        table.drop_column("guest_sale_id")
    op.drop_table("guest_line")
    op.drop_table("guest_sale")
