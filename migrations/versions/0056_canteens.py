"""Canteens with their meals, dishes and menus.

Revises: 0055
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canteen",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column(
            "weekdays",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("on_holidays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("delivery_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("free_from_fen", sa.Integer(), nullable=True),
        sa.Column("picture", sa.String(length=80), nullable=True),
        sa.CheckConstraint("delivery_fen >= 0", name=op.f("ck_canteen_delivery_fen")),
        sa.CheckConstraint("free_from_fen >= 0", name=op.f("ck_canteen_free_from_fen")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_canteen_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canteen")),
        sa.UniqueConstraint("code", name=op.f("uq_canteen_code")),
    )
    op.create_index(op.f("ix_canteen_place_id"), "canteen", ["place_id"], unique=False)
    op.create_table(
        "canteen_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("serves", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_canteen_day_canteen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canteen_day")),
        sa.UniqueConstraint("canteen_id", "day", name=op.f("uq_canteen_day_canteen_id_day")),
    )
    op.create_table(
        "canteen_meal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("meal", sa.String(length=10), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("cutoff_days", sa.Integer(), nullable=False),
        sa.Column("cutoff_minute", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column(
            "modes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_canteen_meal_meal")
        ),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute", name=op.f("ck_canteen_meal_serving")
        ),
        sa.CheckConstraint(
            "cutoff_days > 0 OR cutoff_minute <= from_minute", name=op.f("ck_canteen_meal_cutoff")
        ),
        sa.CheckConstraint("cutoff_days BETWEEN 0 AND 7", name=op.f("ck_canteen_meal_cutoff_days")),
        sa.CheckConstraint(
            "cutoff_minute BETWEEN 0 AND 1439", name=op.f("ck_canteen_meal_cutoff_minute")
        ),
        sa.CheckConstraint("most > 0", name=op.f("ck_canteen_meal_most")),
        sa.CheckConstraint("until_minute <= 1440", name=op.f("ck_canteen_meal_same_day")),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_canteen_meal_canteen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canteen_meal")),
        sa.UniqueConstraint("canteen_id", "meal", name=op.f("uq_canteen_meal_canteen_id_meal")),
    )
    op.create_table(
        "dish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=True),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("ingredients", sa.String(length=120), nullable=True),
        sa.Column(
            "allergens",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "traits",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("for_children", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("offered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("picture", sa.String(length=80), nullable=True),
        sa.CheckConstraint("list_fen > 0", name=op.f("ck_dish_list_fen")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_dish_canteen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dish")),
        sa.UniqueConstraint("canteen_id", "name", name=op.f("uq_dish_canteen_id_name")),
    )
    op.create_table(
        "meal_service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("meal", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_meal_service_meal")
        ),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_meal_service_canteen_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["bookable.id"], name=op.f("fk_meal_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_service")),
        sa.UniqueConstraint(
            "canteen_id", "day", "meal", name=op.f("uq_meal_service_canteen_id_day_meal")
        ),
    )
    op.create_table(
        "menu_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("dish_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("discount_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("overbooked", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "0 <= discount_fen AND discount_fen <= list_fen", name=op.f("ck_menu_item_discount_fen")
        ),
        sa.CheckConstraint("list_fen > 0", name=op.f("ck_menu_item_list_fen")),
        sa.CheckConstraint("overbooked >= 0", name=op.f("ck_menu_item_overbooked")),
        sa.CheckConstraint("taken <= capacity + overbooked", name=op.f("ck_menu_item_capacity")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_menu_item_taken")),
        sa.ForeignKeyConstraint(["dish_id"], ["dish.id"], name=op.f("fk_menu_item_dish_id")),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_menu_item_meal_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_item")),
        sa.UniqueConstraint(
            "meal_service_id", "dish_id", name=op.f("uq_menu_item_meal_service_id_dish_id")
        ),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(op.f("ix_menu_item_dish_id"), "menu_item", ["dish_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_menu_item_dish_id"), table_name="menu_item")
    op.drop_table("menu_item")
    op.drop_table("meal_service")
    op.execute("DELETE FROM bookable WHERE kind = 'meal'")
    op.drop_table("dish")
    op.drop_table("canteen_meal")
    op.drop_table("canteen_day")
    op.drop_index(op.f("ix_canteen_place_id"), table_name="canteen")
    op.drop_table("canteen")
