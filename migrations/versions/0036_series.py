"""Recurring reservations: series, their dates, and how many there may be.

Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", BIG, nullable=False),
        sa.Column("room_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("wishes", sa.String(length=200), nullable=True),
        sa.Column("idempotency_key", sa.String(length=64), nullable=True),
        sa.Column("idempotency_hash", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("every_weeks > 0", name="ck_series_every_weeks"),
        sa.CheckConstraint("headcount > 0", name="ck_series_headcount"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_series_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_series_person_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_series_room_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_series_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint(
            "account_id", "idempotency_key", name="uq_series_account_id_idempotency_key"
        ),
    )
    op.create_index("ix_series_person_id", "series", ["person_id"], unique=False)
    op.create_table(
        "series_date",
        sa.Column("id", BIG, nullable=False),
        sa.Column("series_id", BIG, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("why", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "booking_id IS NOT NULL OR why IS NOT NULL", name="ck_series_date_booked_or_skipped"
        ),
        sa.CheckConstraint("starts_at < ends_at", name="ck_series_date_order"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_series_date_booking_id"),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_series_date_series_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_series_date"),
        sa.UniqueConstraint("booking_id", name="uq_series_date_booking_id"),
    )
    op.create_index(
        "ix_series_date_series_id_starts_at",
        "series_date",
        ["series_id", "starts_at"],
        unique=False,
    )
    op.add_column("room_rules", sa.Column("series_dates", sa.Integer(), nullable=True))
    op.add_column("room_rules", sa.Column("series_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("room_rules", "series_days")
    op.drop_column("room_rules", "series_dates")
    op.drop_index("ix_series_date_series_id_starts_at", table_name="series_date")
    op.drop_table("series_date")
    op.drop_index("ix_series_person_id", table_name="series")
    op.drop_table("series")
