"""Queue numbers at the stalls of markets.

Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("desk", sa.Integer(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recalls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped_at", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "stage IN ('waiting', 'called', 'served', 'no_show', 'left', 'closed')",
            name=op.f("ck_ticket_stage"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ticket_account_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_ticket_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ticket_person_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ticket_staff_id")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_ticket_stall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_ticket_booking_id")),
        sa.UniqueConstraint("stall_id", "number", name=op.f("uq_ticket_stall_id_number")),
    )
    op.create_index(op.f("ix_ticket_person_id"), "ticket", ["person_id"], unique=False)
    op.create_index(
        "uq_ticket_live",
        "ticket",
        ["stall_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("stage IN ('waiting', 'called')"),
        sqlite_where=sa.text("stage IN ('waiting', 'called')"),
    )
    op.add_column(
        "stall", sa.Column("last_number", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("stall", sa.Column("calls", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stall", sa.Column("in_a_row", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stall", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stall", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_table("ticket")
    with op.batch_alter_table("stall") as table:
        for name in ("closed_at", "paused_at", "in_a_row", "calls", "last_number"):
            table.drop_column(name)
