"""Meals that were handed over.

Revises: 0067
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meal_served",
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("way", sa.String(length=7), nullable=False),
        sa.Column("proof", sa.String(length=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("photo_id", BIG, nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", BIG, nullable=True),
        sa.Column("undone_reason", sa.String(length=80), nullable=True),
        sa.CheckConstraint("way IN ('counter', 'door')", name=op.f("ck_meal_served_way")),
        sa.CheckConstraint(
            "proof IN ('code', 'name', 'list', 'photo', 'person')",
            name=op.f("ck_meal_served_proof"),
        ),
        sa.CheckConstraint("at <= recorded_at", name=op.f("ck_meal_served_at")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)"
            " AND (undone_at IS NULL) = (undone_reason IS NULL)",
            name=op.f("ck_meal_served_undone"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_meal_served_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_meal_served_staff_id")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["staff.id"], name=op.f("fk_meal_served_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_served")),
        sa.UniqueConstraint("key", name=op.f("uq_meal_served_key")),
    )
    op.create_index(op.f("ix_meal_served_booking_id"), "meal_served", ["booking_id"], unique=False)
    op.create_index(op.f("ix_meal_served_staff_id"), "meal_served", ["staff_id"], unique=False)
    op.create_index(
        op.f("ix_meal_served_undone_by_id"), "meal_served", ["undone_by_id"], unique=False
    )
    op.create_index(
        "uq_meal_served_once",
        "meal_served",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
        sqlite_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("meal_served")
