"""Meal accounts with their ledger, subsidy rules, diets, and meal orders.

Revises: 0056
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "postgresql": (
        """
CREATE OR REPLACE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL
       AND to_jsonb(NEW) - 'reversed_by_id' = to_jsonb(OLD) - 'reversed_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to';
END $$
""",
        """
CREATE TRIGGER tr_ledger_entry_kept BEFORE UPDATE OR DELETE ON ledger_entry
FOR EACH ROW EXECUTE FUNCTION keep_ledger()
""",
    ),
    "sqlite": (
        """
CREATE TRIGGER tr_ledger_entry_kept_update BEFORE UPDATE ON ledger_entry
WHEN OLD.reversed_by_id IS NOT NULL OR NEW.reversed_by_id IS NULL
  OR (NEW.id, NEW.purse_id, NEW.kind, NEW.fen, NEW.key, NEW.at)
  IS NOT (OLD.id, OLD.purse_id, OLD.kind, OLD.fen, OLD.key, OLD.at)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
        """
CREATE TRIGGER tr_ledger_entry_kept_delete BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "subsidy_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_subsidy_rule_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_subsidy_rule_code")),
    )
    op.create_index(op.f("ix_subsidy_rule_place_id"), "subsidy_rule", ["place_id"], unique=False)
    op.create_table(
        "diet",
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "allergens",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "avoids",
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
        sa.Column("texture", sa.String(length=6), server_default="normal", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "texture IN ('normal', 'soft', 'minced', 'pureed')", name=op.f("ck_diet_texture")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_diet_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_diet")),
    )
    op.create_table(
        "meal_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_meal_account_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_meal_account_person_id")),
    )
    op.create_table(
        "person_category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "category IN ('low_income', 'disabled', 'living_alone', 'lost_child', 'veteran')",
            name=op.f("ck_person_category_category"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_person_category_order")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_category_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_person_category_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_category")),
    )
    op.create_index("ix_person_category_person_id", "person_category", ["person_id"], unique=False)
    op.create_table(
        "subsidy_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column(
            "home_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "categories",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "meals",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "modes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("on_list", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("second_portion", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "parts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_subsidy_version_order")),
        sa.CheckConstraint("version > 0", name=op.f("ck_subsidy_version_version")),
        sa.ForeignKeyConstraint(
            ["home_place_id"], ["place.id"], name=op.f("fk_subsidy_version_home_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["subsidy_rule.id"], name=op.f("fk_subsidy_version_rule_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_subsidy_version_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_version")),
        sa.UniqueConstraint("rule_id", "version", name=op.f("uq_subsidy_version_rule_id_version")),
    )
    op.create_table(
        "meal_purse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("payer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("balance_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_fen", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(kind = 'family') = (payer_id IS NOT NULL)", name=op.f("ck_meal_purse_payer")
        ),
        sa.CheckConstraint(
            "(kind = 'grant') = (name IS NOT NULL)", name=op.f("ck_meal_purse_name")
        ),
        sa.CheckConstraint("kind IN ('grant', 'family', 'cash')", name=op.f("ck_meal_purse_kind")),
        sa.CheckConstraint(
            "0 <= held_fen AND held_fen <= balance_fen", name=op.f("ck_meal_purse_held_fen")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["meal_account.id"], name=op.f("fk_meal_purse_account_id")
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["account.id"], name=op.f("fk_meal_purse_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_purse")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_meal_purse_account_id", "meal_purse", ["account_id"], unique=False)
    op.create_index(op.f("ix_meal_purse_payer_id"), "meal_purse", ["payer_id"], unique=False)
    op.create_index(
        "uq_meal_purse_cash",
        "meal_purse",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'cash'"),
        sqlite_where=sa.text("kind = 'cash'"),
    )
    op.create_index(
        "uq_meal_purse_family",
        "meal_purse",
        ["account_id", "payer_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'family'"),
        sqlite_where=sa.text("kind = 'family'"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "reversed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("note", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_ledger_entry_reverses")
        ),
        sa.CheckConstraint(
            "kind IN ('top_up', 'grant', 'opening', 'charge', 'credit', 'refund', 'expiry', 'reversal')",
            name=op.f("ck_ledger_entry_kind"),
        ),
        sa.CheckConstraint("fen <> 0", name=op.f("ck_ledger_entry_fen")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_ledger_entry_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_ledger_entry_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["purse_id"], ["meal_purse.id"], name=op.f("fk_ledger_entry_purse_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversed_by_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reversed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ledger_entry_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entry_key")),
        sa.UniqueConstraint("reversed_by_id", name=op.f("uq_ledger_entry_reversed_by_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
    )
    op.create_index(
        op.f("ix_ledger_entry_booking_id"), "ledger_entry", ["booking_id"], unique=False
    )
    op.create_index("ix_ledger_entry_purse_id_at", "ledger_entry", ["purse_id", "at"], unique=False)
    op.create_index(op.f("ix_ledger_entry_staff_id"), "ledger_entry", ["staff_id"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "meal_hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("purse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'charged', 'released')", name=op.f("ck_meal_hold_state")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_meal_hold_fen")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meal_hold_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["purse_id"], ["meal_purse.id"], name=op.f("fk_meal_hold_purse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_hold")),
    )
    op.create_index("ix_meal_hold_booking_id", "meal_hold", ["booking_id"], unique=False)
    op.create_index("ix_meal_hold_purse_id", "meal_hold", ["purse_id"], unique=False)
    op.create_index(
        "uq_meal_hold_open",
        "meal_hold",
        ["booking_id", "purse_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "meal_order",
        sa.Column(
            "booking_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("discount_fen", sa.Integer(), nullable=False),
        sa.Column("subsidy_fen", sa.Integer(), nullable=False),
        sa.Column("fee_fen", sa.Integer(), nullable=False),
        sa.Column("pays_fen", sa.Integer(), nullable=False),
        sa.Column(
            "subsidy_version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'pick_up', 'delivery')", name=op.f("ck_meal_order_mode")
        ),
        sa.CheckConstraint(
            "fee_fen >= 0 AND pays_fen >= 0 AND subsidy_fen >= 0", name=op.f("ck_meal_order_sums")
        ),
        sa.CheckConstraint(
            "list_fen + fee_fen = discount_fen + subsidy_fen + pays_fen",
            name=op.f("ck_meal_order_ties_out"),
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_meal_order_revision")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_meal_order_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subsidy_version_id"],
            ["subsidy_version.id"],
            name=op.f("fk_meal_order_subsidy_version_id"),
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_meal_order")),
    )
    op.create_index(
        op.f("ix_meal_order_subsidy_version_id"), "meal_order", ["subsidy_version_id"], unique=False
    )
    op.create_table(
        "meal_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "menu_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("list_fen", sa.Integer(), nullable=False),
        sa.Column("discount_fen", sa.Integer(), nullable=False),
        sa.Column("subsidy_fen", sa.Integer(), nullable=False),
        sa.Column("pays_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "discount_fen >= 0 AND subsidy_fen >= 0 AND pays_fen >= 0",
            name=op.f("ck_meal_line_sums"),
        ),
        sa.CheckConstraint(
            "list_fen = discount_fen + subsidy_fen + pays_fen", name=op.f("ck_meal_line_ties_out")
        ),
        sa.CheckConstraint("portions > 0", name=op.f("ck_meal_line_portions")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["meal_order.booking_id"],
            name=op.f("fk_meal_line_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["menu_item_id"], ["menu_item.id"], name=op.f("fk_meal_line_menu_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_line")),
        sa.UniqueConstraint(
            "booking_id", "menu_item_id", name=op.f("uq_meal_line_booking_id_menu_item_id")
        ),
    )
    op.create_index("ix_meal_line_menu_item_id", "meal_line", ["menu_item_id"], unique=False)
    op.create_table(
        "meal_share",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payer", sa.String(length=9), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "payer IN ('city', 'district', 'street', 'community')", name=op.f("ck_meal_share_payer")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_meal_share_fen")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["meal_line.id"], name=op.f("fk_meal_share_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", "part", "payer", name=op.f("pk_meal_share")),
    )


def downgrade() -> None:
    op.drop_table("meal_share")
    op.drop_index("ix_meal_line_menu_item_id", table_name="meal_line")
    op.drop_table("meal_line")
    op.drop_index(op.f("ix_meal_order_subsidy_version_id"), table_name="meal_order")
    op.drop_table("meal_order")
    op.drop_index(
        "uq_meal_hold_open",
        table_name="meal_hold",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_meal_hold_purse_id", table_name="meal_hold")
    op.drop_index("ix_meal_hold_booking_id", table_name="meal_hold")
    op.drop_table("meal_hold")
    op.drop_index(op.f("ix_ledger_entry_staff_id"), table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_purse_id_at", table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_booking_id"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_ledger()")
    op.drop_index(
        "uq_meal_purse_family",
        table_name="meal_purse",
        postgresql_where=sa.text("kind = 'family'"),
        sqlite_where=sa.text("kind = 'family'"),
    )
    op.drop_index(
        "uq_meal_purse_cash",
        table_name="meal_purse",
        postgresql_where=sa.text("kind = 'cash'"),
        sqlite_where=sa.text("kind = 'cash'"),
    )
    op.drop_index(op.f("ix_meal_purse_payer_id"), table_name="meal_purse")
    op.drop_index("ix_meal_purse_account_id", table_name="meal_purse")
    op.drop_table("meal_purse")
    op.drop_table("subsidy_version")
    op.drop_index("ix_person_category_person_id", table_name="person_category")
    op.drop_table("person_category")
    op.drop_table("meal_account")
    op.drop_table("diet")
    op.drop_index(op.f("ix_subsidy_rule_place_id"), table_name="subsidy_rule")
    op.drop_table("subsidy_rule")
