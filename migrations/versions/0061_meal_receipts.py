"""Receipts for cash at the desk, tills that are counted, and at whose desk money was paid in.

Two entries for one human become one: an account may have two purses of one kind.

Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "till_close",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("expected_fen", sa.Integer(), nullable=False),
        sa.Column("counted_fen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "counted_fen = expected_fen OR reason IS NOT NULL", name=op.f("ck_till_close_reason")
        ),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_till_close_canteen_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["staff.id"], name=op.f("fk_till_close_closed_by_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_till_close_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_close")),
    )
    op.create_index("ix_till_close_canteen_id_at", "till_close", ["canteen_id", "at"], unique=False)
    op.create_index(
        op.f("ix_till_close_closed_by_id"), "till_close", ["closed_by_id"], unique=False
    )
    op.create_index(op.f("ix_till_close_staff_id"), "till_close", ["staff_id"], unique=False)
    op.create_table(
        "meal_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("close_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fen <> 0", name=op.f("ck_meal_receipt_fen")),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_meal_receipt_canteen_id")
        ),
        sa.ForeignKeyConstraint(
            ["close_id"], ["till_close.id"], name=op.f("fk_meal_receipt_close_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name=op.f("fk_meal_receipt_entry_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_meal_receipt_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_receipt")),
        sa.UniqueConstraint("canteen_id", "number", name=op.f("uq_meal_receipt_canteen_id_number")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_meal_receipt_entry_id")),
    )
    op.create_index("ix_meal_receipt_close_id", "meal_receipt", ["close_id"], unique=False)
    op.create_index(op.f("ix_meal_receipt_staff_id"), "meal_receipt", ["staff_id"], unique=False)
    op.drop_index("uq_meal_purse_cash", table_name="meal_purse")
    op.drop_index("uq_meal_purse_family", table_name="meal_purse")
    with op.batch_alter_table("meal_purse") as table:
        table.add_column(
            sa.Column("canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        table.create_foreign_key(
            op.f("fk_meal_purse_canteen_id"), "canteen", ["canteen_id"], ["id"]
        )
        table.create_index(op.f("ix_meal_purse_canteen_id"), ["canteen_id"])


def downgrade() -> None:
    with op.batch_alter_table("meal_purse") as table:
        table.drop_index(op.f("ix_meal_purse_canteen_id"))
        table.drop_constraint(op.f("fk_meal_purse_canteen_id"), type_="foreignkey")
        table.drop_column("canteen_id")
    for kind, columns in (("cash", ["account_id"]), ("family", ["account_id", "payer_id"])):
        one_each = sa.text(f"kind = '{kind}'")
        op.create_index(
            f"uq_meal_purse_{kind}",
            "meal_purse",
            columns,
            unique=True,
            postgresql_where=one_each,
            sqlite_where=one_each,
        )
    op.drop_index(op.f("ix_meal_receipt_staff_id"), table_name="meal_receipt")
    op.drop_index("ix_meal_receipt_close_id", table_name="meal_receipt")
    op.drop_table("meal_receipt")
    op.drop_index(op.f("ix_till_close_staff_id"), table_name="till_close")
    op.drop_index(op.f("ix_till_close_closed_by_id"), table_name="till_close")
    op.drop_index("ix_till_close_canteen_id_at", table_name="till_close")
    op.drop_table("till_close")
