"""Markets from templates, and what became of each month.

Revises: 0052
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("spot", sa.String(length=60), nullable=False),
        sa.Column(
            "stalls",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("week", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(week IS NULL) <> (day_of_month IS NULL)", name=op.f("ck_market_template_one_rule")
        ),
        sa.CheckConstraint(
            "(week IS NULL) = (weekday IS NULL)", name=op.f("ck_market_template_week_and_day")
        ),
        sa.CheckConstraint(
            "day_of_month BETWEEN 1 AND 28", name=op.f("ck_market_template_day_of_month")
        ),
        sa.CheckConstraint("week BETWEEN 1 AND 5", name=op.f("ck_market_template_week")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_market_template_weekday")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_market_template_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_market_template_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_template")),
    )
    op.create_index(
        op.f("ix_market_template_place_id"), "market_template", ["place_id"], unique=False
    )
    op.create_table(
        "market_template_month",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "market_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "left_out",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_day_id"],
            ["market_day.id"],
            name=op.f("fk_market_template_month_market_day_id"),
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["market_template.id"],
            name=op.f("fk_market_template_month_template_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_template_month")),
        sa.UniqueConstraint(
            "template_id", "month", name=op.f("uq_market_template_month_template_id_month")
        ),
    )
    op.create_index(
        op.f("ix_market_template_month_market_day_id"),
        "market_template_month",
        ["market_day_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_market_template_month_market_day_id"), table_name="market_template_month"
    )
    op.drop_table("market_template_month")
    op.drop_index(op.f("ix_market_template_place_id"), table_name="market_template")
    op.drop_table("market_template")
