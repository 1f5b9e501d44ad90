"""Relatives without an account pay in, and get back what is not spent.

Revises: 0071
"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meal_relative",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_hash", sa.String(length=32), nullable=True),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "relation IN ('child', 'parent', 'spouse', 'other')",
            name=op.f("ck_meal_relative_relation"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["meal_account.id"], name=op.f("fk_meal_relative_account_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_meal_relative_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_relative")),
    )
    op.create_index(
        "ix_meal_relative_account_id_phone_hash",
        "meal_relative",
        ["account_id", "phone_hash"],
        unique=False,
    )
    op.create_index(op.f("ix_meal_relative_staff_id"), "meal_relative", ["staff_id"], unique=False)
    with op.batch_alter_table("meal_purse") as table:
        table.add_column(
            sa.Column("relative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        table.create_foreign_key(
            op.f("fk_meal_purse_relative_id"), "meal_relative", ["relative_id"], ["id"]
        )
        table.create_index(op.f("ix_meal_purse_relative_id"), ["relative_id"])
        table.drop_constraint(op.f("ck_meal_purse_payer"), type_="check")
        table.create_check_constraint(
            op.f("ck_meal_purse_payer"),
            "(kind = 'family') = (payer_id IS NOT NULL OR relative_id IS NOT NULL)",
        )
        table.create_check_constraint(
            op.f("ck_meal_purse_one_payer"), "payer_id IS NULL OR relative_id IS NULL"
        )


def downgrade() -> None:
    """Their money becomes the resident's own."""
    with op.batch_alter_table("meal_purse") as table:
        table.drop_constraint(op.f("ck_meal_purse_one_payer"), type_="check")
        table.drop_constraint(op.f("ck_meal_purse_payer"), type_="check")
    op.execute("UPDATE meal_purse SET kind = 'cash' WHERE relative_id IS NOT NULL")
    with op.batch_alter_table("meal_purse") as table:
        table.drop_index(op.f("ix_meal_purse_relative_id"))
        table.drop_constraint(op.f("fk_meal_purse_relative_id"), type_="foreignkey")
        table.drop_column("relative_id")
        table.create_check_constraint(
            op.f("ck_meal_purse_payer"), "(kind = 'family') = (payer_id IS NOT NULL)"
        )
    op.drop_index(op.f("ix_meal_relative_staff_id"), table_name="meal_relative")
    op.drop_index("ix_meal_relative_account_id_phone_hash", table_name="meal_relative")
    op.drop_table("meal_relative")
