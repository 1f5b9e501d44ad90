"""Runs and stops of deliveries, what they are planned by, and what couriers may carry.

Revises: 0065
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_setting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bag_capacity", sa.Integer(), server_default="20", nullable=False),
        sa.Column("leave_minutes", sa.Integer(), server_default="20", nullable=False),
        sa.Column("skill", sa.String(length=16), nullable=True),
        sa.CheckConstraint("skill IN ('health')", name=op.f("ck_delivery_setting_skill")),
        sa.CheckConstraint("bag_capacity > 0", name=op.f("ck_delivery_setting_bag_capacity")),
        sa.CheckConstraint(
            "leave_minutes BETWEEN 0 AND 240", name=op.f("ck_delivery_setting_leave_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_delivery_setting_canteen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_setting")),
        sa.UniqueConstraint("canteen_id", name=op.f("uq_delivery_setting_canteen_id")),
    )
    op.create_table(
        "building_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_lift", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("drop_from", sa.Integer(), nullable=True),
        sa.Column("drop_point", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "(drop_from IS NULL) = (drop_point IS NULL)", name=op.f("ck_building_facts_drop_point")
        ),
        sa.CheckConstraint("drop_from > 0", name=op.f("ck_building_facts_drop_from")),
        sa.CheckConstraint("turn > 0", name=op.f("ck_building_facts_turn")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_building_facts_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building_facts")),
        sa.UniqueConstraint("place_id", name=op.f("uq_building_facts_place_id")),
    )
    op.create_table(
        "delivery_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skill", sa.String(length=16), nullable=True),
        sa.Column("needs_ordering", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("boxes_out", sa.Integer(), nullable=True),
        sa.Column("boxes_in", sa.Integer(), nullable=True),
        sa.CheckConstraint("skill IN ('health')", name=op.f("ck_delivery_run_skill")),
        sa.CheckConstraint(
            "(courier_id IS NULL) = (claimed_at IS NULL)", name=op.f("ck_delivery_run_claimed")
        ),
        sa.CheckConstraint(
            "back_at IS NULL OR out_at IS NOT NULL", name=op.f("ck_delivery_run_back")
        ),
        sa.CheckConstraint("boxes_in >= 0", name=op.f("ck_delivery_run_boxes_in")),
        sa.CheckConstraint("boxes_out >= 0", name=op.f("ck_delivery_run_boxes_out")),
        sa.CheckConstraint("number > 0", name=op.f("ck_delivery_run_number")),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["staff.id"], name=op.f("fk_delivery_run_courier_id")
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_delivery_run_meal_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_run")),
        sa.UniqueConstraint(
            "meal_service_id", "number", name=op.f("uq_delivery_run_meal_service_id_number")
        ),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        op.f("ix_delivery_run_courier_id"), "delivery_run", ["courier_id"], unique=False
    )
    op.create_table(
        "delivery_stop",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "meal_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("building", sa.String(length=12), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("flat", sa.Text(), nullable=True),
        sa.Column("at_drop_point", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("waits", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=6), server_default="todo", nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "(state = 'failed') = (reason IS NOT NULL)",
            name=op.f("ck_delivery_stop_failed_has_reason"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed')) = (at IS NOT NULL)", name=op.f("ck_delivery_stop_ticked")
        ),
        sa.CheckConstraint(
            "reason IN ('no_answer', 'refused', 'wrong_address', 'absent_announced', 'other')",
            name=op.f("ck_delivery_stop_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('todo', 'done', 'failed', 'gone')", name=op.f("ck_delivery_stop_state")
        ),
        sa.CheckConstraint(
            "waits IN ('no_address', 'too_few')", name=op.f("ck_delivery_stop_waits")
        ),
        sa.CheckConstraint(
            "(run_id IS NULL) = (seq IS NULL)", name=op.f("ck_delivery_stop_run_has_seq")
        ),
        sa.CheckConstraint(
            "(run_id IS NULL) = (waits IS NOT NULL)", name=op.f("ck_delivery_stop_run_or_waits")
        ),
        sa.CheckConstraint(
            "run_id IS NULL OR place_id IS NOT NULL", name=op.f("ck_delivery_stop_run_has_place")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_delivery_stop_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_delivery_stop_meal_service_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_delivery_stop_place_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["delivery_run.id"], name=op.f("fk_delivery_stop_run_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_delivery_stop_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_stop")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_delivery_stop_booking_id")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_stop_key")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        op.f("ix_delivery_stop_meal_service_id"), "delivery_stop", ["meal_service_id"], unique=False
    )
    op.create_index(op.f("ix_delivery_stop_place_id"), "delivery_stop", ["place_id"], unique=False)
    op.create_index(op.f("ix_delivery_stop_run_id"), "delivery_stop", ["run_id"], unique=False)
    op.create_index(op.f("ix_delivery_stop_staff_id"), "delivery_stop", ["staff_id"], unique=False)
    op.create_table(
        "delivery_paper",
        sa.Column(
            "meal_service_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("pdf", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meal_service_id"], ["meal_service.id"], name=op.f("fk_delivery_paper_meal_service_id")
        ),
        sa.PrimaryKeyConstraint("meal_service_id", name=op.f("pk_delivery_paper")),
    )
    op.create_table(
        "courier_skill",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skill", sa.String(length=16), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("skill IN ('health')", name=op.f("ck_courier_skill_skill")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_courier_skill_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_skill")),
        sa.UniqueConstraint("staff_id", "skill", name=op.f("uq_courier_skill_staff_id_skill")),
    )


def downgrade() -> None:
    op.drop_table("courier_skill")
    op.drop_table("delivery_paper")
    op.drop_index(op.f("ix_delivery_stop_meal_service_id"), table_name="delivery_stop")
    op.drop_index(op.f("ix_delivery_stop_place_id"), table_name="delivery_stop")
    op.drop_index(op.f("ix_delivery_stop_run_id"), table_name="delivery_stop")
    op.drop_index(op.f("ix_delivery_stop_staff_id"), table_name="delivery_stop")
    op.drop_table("delivery_stop")
    op.drop_index(op.f("ix_delivery_run_courier_id"), table_name="delivery_run")
    op.drop_table("delivery_run")
    op.drop_table("building_facts")
    op.drop_table("delivery_setting")
