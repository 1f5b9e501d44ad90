"""What devices upload that took attendance without a network.

Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("outcome IN ('conflict', 'kept') AND decided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "uploaded_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nonce", sa.String(length=36), nullable=False),
        sa.Column(
            "lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "clock_off", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("clamped", sa.Boolean(), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("presence", sa.String(length=13), nullable=True),
        sa.Column("seen", sa.String(length=13), nullable=True),
        sa.Column("found", sa.String(length=13), nullable=True),
        sa.Column("left", sa.String(length=13), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision", sa.String(length=6), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "decision IN ('device', 'server', 'undone', 'later')",
            name=op.f("ck_uploaded_entry_decision"),
        ),
        sa.CheckConstraint("kind IN ('mark', 'scan', 'undo')", name=op.f("ck_uploaded_entry_kind")),
        sa.CheckConstraint(
            "outcome IN ('done', 'conflict', 'kept', 'refused')",
            name=op.f("ck_uploaded_entry_outcome"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_uploaded_entry_decided")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_uploaded_entry_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_uploaded_entry_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
            name=op.f("fk_uploaded_entry_lesson_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_uploaded_entry_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_entry")),
        sa.UniqueConstraint("nonce", name=op.f("uq_uploaded_entry_nonce")),
    )
    op.create_index(
        op.f("ix_uploaded_entry_booking_id"), "uploaded_entry", ["booking_id"], unique=False
    )
    op.create_index(
        "ix_uploaded_entry_lesson_id_device",
        "uploaded_entry",
        ["lesson_id", "device"],
        unique=False,
    )
    op.create_index(
        "ix_uploaded_entry_open",
        "uploaded_entry",
        ["lesson_id"],
        unique=False,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        op.f("ix_uploaded_entry_received_at"), "uploaded_entry", ["received_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_uploaded_entry_received_at"), table_name="uploaded_entry")
    op.drop_index(
        "ix_uploaded_entry_open",
        table_name="uploaded_entry",
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.drop_index("ix_uploaded_entry_lesson_id_device", table_name="uploaded_entry")
    op.drop_index(op.f("ix_uploaded_entry_booking_id"), table_name="uploaded_entry")
    op.drop_table("uploaded_entry")
