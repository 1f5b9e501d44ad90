"""Standing orders, when they rest, what became of them; which dishes are set meals.

Revises: 0064
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standing_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "left_out",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_standing_run_canteen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_run")),
    )
    op.create_index("ix_standing_run_canteen_id", "standing_run", ["canteen_id"], unique=False)
    op.create_table(
        "standing_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("meal", sa.String(length=10), nullable=False),
        sa.Column(
            "weekdays",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "dish_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("otherwise", sa.String(length=8), nullable=False),
        sa.Column("portions", sa.Integer(), server_default="1", nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_standing_order_meal")
        ),
        sa.CheckConstraint(
            "mode IN ('dine_in', 'pick_up', 'delivery')", name=op.f("ck_standing_order_mode")
        ),
        sa.CheckConstraint(
            "otherwise IN ('set', 'nothing')", name=op.f("ck_standing_order_otherwise")
        ),
        sa.CheckConstraint("portions > 0", name=op.f("ck_standing_order_portions")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_standing_order_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_standing_order_canteen_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_standing_order_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_standing_order_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_order")),
    )
    op.create_index("ix_standing_order_canteen_id", "standing_order", ["canteen_id"], unique=False)
    op.create_index(
        "uq_standing_order_live",
        "standing_order",
        ["person_id", "canteen_id", "meal"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "standing_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "why IN ('hospital', 'away', 'other')", name=op.f("ck_standing_pause_why")
        ),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_standing_pause_order")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_standing_pause_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_standing_pause_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_standing_pause_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_pause")),
    )
    op.create_index("ix_standing_pause_person_id", "standing_pause", ["person_id"], unique=False)
    op.create_table(
        "standing_meal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "standing_order_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=True),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'left_out') = (why IS NOT NULL)",
            name=op.f("ck_standing_meal_left_out_has_why"),
        ),
        sa.CheckConstraint(
            "(outcome = 'made') = (booking_id IS NOT NULL)",
            name=op.f("ck_standing_meal_made_is_booked"),
        ),
        sa.CheckConstraint(
            "outcome IN ('made', 'own', 'left_out')", name=op.f("ck_standing_meal_outcome")
        ),
        sa.CheckConstraint(
            "why IN ('money', 'sold_out', 'clash', 'off_menu', 'address', 'consent', 'rule')",
            name=op.f("ck_standing_meal_why"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_standing_meal_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_standing_meal_meal_service_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_standing_meal_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["standing_order_id"],
            ["standing_order.id"],
            name=op.f("fk_standing_meal_standing_order_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_meal")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_standing_meal_booking_id")),
        sa.UniqueConstraint(
            "person_id", "meal_service_id", name=op.f("uq_standing_meal_person_id_meal_service_id")
        ),
    )
    op.create_index(
        "ix_standing_meal_meal_service_id", "standing_meal", ["meal_service_id"], unique=False
    )
    op.create_index(
        "ix_standing_meal_standing_order_id", "standing_meal", ["standing_order_id"], unique=False
    )
    op.create_table(
        "standing_skip",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "standing_order_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["standing_order_id"],
            ["standing_order.id"],
            name=op.f("fk_standing_skip_standing_order_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_skip")),
        sa.UniqueConstraint(
            "standing_order_id", "day", name=op.f("uq_standing_skip_standing_order_id_day")
        ),
    )
    op.add_column(
        "dish", sa.Column("is_set", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    with op.batch_alter_table("dish") as table:
        table.drop_column("is_set")
    op.drop_table("standing_skip")
    op.drop_index("ix_standing_meal_standing_order_id", table_name="standing_meal")
    op.drop_index("ix_standing_meal_meal_service_id", table_name="standing_meal")
    op.drop_table("standing_meal")
    op.drop_index("ix_standing_pause_person_id", table_name="standing_pause")
    op.drop_table("standing_pause")
    op.drop_index(
        "uq_standing_order_live",
        table_name="standing_order",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_standing_order_canteen_id", table_name="standing_order")
    op.drop_table("standing_order")
    op.drop_index("ix_standing_run_canteen_id", table_name="standing_run")
    op.drop_table("standing_run")
