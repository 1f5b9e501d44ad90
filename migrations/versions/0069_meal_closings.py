"""A canteen closes: the list of who gets what back, and how far it is paid.

Revises: 0068
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meal_closing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "listed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "begun_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(begun_at IS NULL) = (begun_by_id IS NULL)", name=op.f("ck_meal_closing_begun")
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR begun_at IS NOT NULL", name=op.f("ck_meal_closing_done")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["staff.id"], name=op.f("fk_meal_closing_begun_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_meal_closing_canteen_id")
        ),
        sa.ForeignKeyConstraint(
            ["listed_by_id"], ["staff.id"], name=op.f("fk_meal_closing_listed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_closing")),
    )
    op.create_index(
        op.f("ix_meal_closing_begun_by_id"), "meal_closing", ["begun_by_id"], unique=False
    )
    op.create_index("ix_meal_closing_canteen_id", "meal_closing", ["canteen_id"], unique=False)
    op.create_index(
        op.f("ix_meal_closing_listed_by_id"), "meal_closing", ["listed_by_id"], unique=False
    )
    op.create_index(
        "uq_meal_closing_open",
        "meal_closing",
        ["canteen_id"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "meal_closing_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "closing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("purse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=8), server_default="cash", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("way IN ('cash', 'transfer')", name=op.f("ck_meal_closing_line_way")),
        sa.CheckConstraint(
            "entry_id IS NULL OR done_at IS NOT NULL", name=op.f("ck_meal_closing_line_entry_id")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_meal_closing_line_fen")),
        sa.ForeignKeyConstraint(
            ["closing_id"], ["meal_closing.id"], name=op.f("fk_meal_closing_line_closing_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name=op.f("fk_meal_closing_line_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["purse_id"], ["meal_purse.id"], name=op.f("fk_meal_closing_line_purse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_closing_line")),
        sa.UniqueConstraint(
            "closing_id", "purse_id", name=op.f("uq_meal_closing_line_closing_id_purse_id")
        ),
        sa.UniqueConstraint("entry_id", name=op.f("uq_meal_closing_line_entry_id")),
    )
    op.create_index(
        op.f("ix_meal_closing_line_purse_id"), "meal_closing_line", ["purse_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_meal_closing_line_purse_id"), table_name="meal_closing_line")
    op.drop_table("meal_closing_line")
    op.drop_index(
        "uq_meal_closing_open",
        table_name="meal_closing",
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.drop_index(op.f("ix_meal_closing_listed_by_id"), table_name="meal_closing")
    op.drop_index("ix_meal_closing_canteen_id", table_name="meal_closing")
    op.drop_index(op.f("ix_meal_closing_begun_by_id"), table_name="meal_closing")
    op.drop_table("meal_closing")
