"""What residents say about missed occasions, and which of them no longer count.

Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = (
    "booked",
    "waitlisted",
    "offered",
    "offer_expired",
    "cancelled",
    "changed",
    "lesson_eve",
    "lesson_soon",
    "consent",
    "absent_again",
)
AFTER = (*BEFORE, "standing")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _allow(AFTER)
    op.create_table(
        "standing_waiver",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("occasion_id", ID, nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_standing_waiver_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_standing_waiver_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_waiver")),
        sa.UniqueConstraint(
            "booking_id", "occasion_id", name=op.f("uq_standing_waiver_booking_id_occasion_id")
        ),
    )
    op.create_table(
        "standing_appeal",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("occasion_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=100), nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'declined')", name=op.f("ck_standing_appeal_state")
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_standing_appeal_decided")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_standing_appeal_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_standing_appeal_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_standing_appeal_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_appeal")),
    )
    op.create_index("ix_standing_appeal_booking_id", "standing_appeal", ["booking_id"])
    op.create_index(
        "uq_standing_appeal_open",
        "standing_appeal",
        ["booking_id", "occasion_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
        sqlite_where=sa.text("state = 'asked'"),
    )


def downgrade() -> None:
    op.drop_table("standing_appeal")
    op.drop_table("standing_waiver")
    op.execute(
        "DELETE FROM inbox_message WHERE reminder_id IN "
        "(SELECT id FROM reminder WHERE kind = 'standing')"
    )
    op.execute("DELETE FROM reminder WHERE kind = 'standing'")
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("reminder") as table:
        table.drop_constraint(op.f("ck_reminder_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_reminder_kind"), "kind IN (" + ", ".join(f"'{one}'" for one in kinds) + ")"
        )
