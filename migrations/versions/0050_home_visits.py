"""Home visits of market stalls.

Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "home_visit",
        sa.Column("booking_id", ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("checked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outcome", sa.String(length=6), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(length=120), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'nobody')", name=op.f("ck_home_visit_outcome")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_home_visit_ended")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_home_visit_minutes")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_home_visit_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_home_visit")),
    )  # fmt: skip
    with op.batch_alter_table("stall") as table:
        table.add_column(
            sa.Column("at_home", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.add_column(
            sa.Column("staff_check", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("stall") as table:
        table.drop_column("staff_check")
        table.drop_column("at_home")
    op.drop_table("home_visit")
