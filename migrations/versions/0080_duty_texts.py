"""Text messages to duty offices about somebody who is not found.

Revises: 0079
"""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

_LEFT = "sent_at IS NULL AND given_up_at IS NULL"


def upgrade() -> None:
    op.add_column("place", sa.Column("duty_phone", sa.String(length=20), nullable=True))
    op.create_table(
        "duty_text",
        sa.Column(
            "case_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sent_at IS NULL OR given_up_at IS NULL", name=op.f("ck_duty_text_ended_once")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["welfare_case.id"], name=op.f("fk_duty_text_case_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_duty_text_place_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_duty_text")),
    )
    op.create_index(
        "ix_duty_text_due_at",
        "duty_text",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text(_LEFT),
        sqlite_where=sa.text(_LEFT),
    )


def downgrade() -> None:
    op.drop_index("ix_duty_text_due_at", table_name="duty_text")
    op.drop_table("duty_text")
    op.drop_column("place", "duty_phone")
