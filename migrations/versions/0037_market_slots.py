"""Slots of markets that residents book; a market opens for them.

Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_BOOKED = """
(SELECT b.id FROM booking b JOIN bookable o ON o.id = b.bookable_id WHERE o.kind = 'market')
"""
_FORGET = (
    """DELETE FROM inbox_message WHERE reminder_id IN (SELECT r.id FROM reminder r
       JOIN booking b ON b.id = r.booking_id JOIN bookable o ON o.id = b.bookable_id
       WHERE o.kind = 'market')""",
    f"DELETE FROM reminder WHERE booking_id IN {_BOOKED}",  # noqa: S608
    f"DELETE FROM booking_event WHERE booking_id IN {_BOOKED}",  # noqa: S608
    """DELETE FROM booking
       WHERE bookable_id IN (SELECT id FROM bookable WHERE kind = 'market')""",
    "DELETE FROM bookable WHERE kind = 'market'",
)


def upgrade() -> None:
    op.create_table(
        "market_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["bookable.id"], name=op.f("fk_market_slot_id")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_market_slot_provider_id")
        ),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_market_slot_stall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_slot")),
        sa.UniqueConstraint(
            "stall_id",
            "provider_id",
            "minute",
            name=op.f("uq_market_slot_stall_id_provider_id_minute"),
        ),
    )
    op.add_column("market_day", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("market_day", sa.Column("books_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "stall",
        sa.Column("by_person", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("market_slot")
    for statement in _FORGET:
        op.execute(statement)
    with op.batch_alter_table("stall") as table:
        table.drop_column("by_person")
    with op.batch_alter_table("market_day") as table:
        for name in ("books_from", "opened_at"):
            table.drop_column(name)
