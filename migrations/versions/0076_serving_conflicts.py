"""Meals given out without a network that do not fit, for a person to settle.

Revises: 0075
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "serving_conflict",
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", BIG, nullable=True),
        sa.Column("settled_note", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "why IN ('served', 'given_back', 'too_late')", name=op.f("ck_serving_conflict_why")
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)"
            " AND (settled_at IS NULL) = (settled_note IS NULL)",
            name=op.f("ck_serving_conflict_settled"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_serving_conflict_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_serving_conflict_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["staff.id"], name=op.f("fk_serving_conflict_settled_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serving_conflict")),
        sa.UniqueConstraint("key", name=op.f("uq_serving_conflict_key")),
    )
    for column in ("booking_id", "settled_by_id", "staff_id"):
        name = op.f(f"ix_serving_conflict_{column}")
        op.create_index(name, "serving_conflict", [column], unique=False)


def downgrade() -> None:
    op.drop_table("serving_conflict")
