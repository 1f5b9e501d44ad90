"""Markets: services, providers with their papers, market days and stalls.

A stall in a room occupies it.

Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KINDS = {
    "new": "occupant_kind IN ('lesson', 'block', 'reservation', 'market')",
    "old": "occupant_kind IN ('lesson', 'block', 'reservation')",
}
NO_OVERLAP_SQLITE = """
CREATE TRIGGER tr_occupancy_overlap_{verb} BEFORE {verb} ON occupancy
WHEN EXISTS (SELECT 1 FROM occupancy o WHERE o.atom_id = NEW.atom_id AND o.id IS NOT NEW.id
             AND o.starts_at < NEW.ends_at AND NEW.starts_at < o.ends_at)
BEGIN SELECT RAISE(ABORT, 'ex_occupancy_overlap'); END
"""


def upgrade() -> None:
    op.create_table(
        "market_service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("bring", sa.String(length=120), nullable=True),
        sa.Column(
            "papers",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_market_service_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_service")),
        sa.UniqueConstraint("code", name=op.f("uq_market_service_code")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("contact", sa.String(length=20), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("intro", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "kind IN ('clinic', 'barber', 'volunteers', 'firm', 'person')",
            name=op.f("ck_provider_kind"),
        ),
        sa.CheckConstraint(
            "organisation_id IS NULL OR kind = 'person'", name=op.f("ck_provider_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["provider.id"], name=op.f("fk_provider_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("name", name=op.f("uq_provider_name")),
    )
    op.create_index(
        op.f("ix_provider_organisation_id"), "provider", ["organisation_id"], unique=False
    )
    op.create_table(
        "market_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("spot", sa.String(length=60), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_market_day_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_day")),
    )
    op.create_index("ix_market_day_day", "market_day", ["day"], unique=False)
    op.create_index(
        "uq_market_day_place_day",
        "market_day",
        ["place_id", "day"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "provider_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('health', 'practice', 'licence', 'insurance')",
            name=op.f("ck_provider_paper_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_paper_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_paper")),
    )
    op.create_index(
        op.f("ix_provider_paper_provider_id"), "provider_paper", ["provider_id"], unique=False
    )
    op.create_table(
        "stall",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "market_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column(
            "breaks",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("walk_up_percent", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column(
            "home_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute", name=op.f("ck_stall_opening")
        ),
        sa.CheckConstraint("at_once > 0", name=op.f("ck_stall_at_once")),
        sa.CheckConstraint("slot_minutes > 0", name=op.f("ck_stall_slot_minutes")),
        sa.CheckConstraint("until_minute <= 1440", name=op.f("ck_stall_same_day")),
        sa.CheckConstraint(
            "walk_up_percent BETWEEN 0 AND 100", name=op.f("ck_stall_walk_up_percent")
        ),
        sa.ForeignKeyConstraint(
            ["home_place_id"], ["place.id"], name=op.f("fk_stall_home_place_id")
        ),
        sa.ForeignKeyConstraint(
            ["market_day_id"], ["market_day.id"], name=op.f("fk_stall_market_day_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_stall_room_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["market_service.id"], name=op.f("fk_stall_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall")),
    )
    op.create_index(op.f("ix_stall_market_day_id"), "stall", ["market_day_id"], unique=False)
    op.create_table(
        "stall_provider",
        sa.Column("stall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_stall_provider_provider_id")
        ),
        sa.ForeignKeyConstraint(
            ["stall_id"], ["stall.id"], name=op.f("fk_stall_provider_stall_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stall_id", "provider_id", name=op.f("pk_stall_provider")),
    )
    op.create_index(
        op.f("ix_stall_provider_provider_id"), "stall_provider", ["provider_id"], unique=False
    )
    _allow("new")


def _allow(kinds: str) -> None:
    """Which kinds of occupants there are; SQLite copies the table, and drops its triggers."""
    with op.batch_alter_table("occupancy") as table:
        table.drop_constraint(op.f("ck_occupancy_occupant_kind"), type_="check")
        table.create_check_constraint(op.f("ck_occupancy_occupant_kind"), KINDS[kinds])
    if op.get_context().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS tr_occupancy_overlap_{verb}")
            op.execute(NO_OVERLAP_SQLITE.format(verb=verb))


def downgrade() -> None:
    op.execute("DELETE FROM occupancy WHERE occupant_kind = 'market'")
    _allow("old")
    op.drop_index(op.f("ix_stall_provider_provider_id"), table_name="stall_provider")
    op.drop_table("stall_provider")
    op.drop_index(op.f("ix_stall_market_day_id"), table_name="stall")
    op.drop_table("stall")
    op.drop_index(op.f("ix_provider_paper_provider_id"), table_name="provider_paper")
    op.drop_table("provider_paper")
    op.drop_index(
        "uq_market_day_place_day",
        table_name="market_day",
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.drop_index("ix_market_day_day", table_name="market_day")
    op.drop_table("market_day")
    op.drop_index(op.f("ix_provider_organisation_id"), table_name="provider")
    op.drop_table("provider")
    op.drop_table("market_service")
