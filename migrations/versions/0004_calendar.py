"""The serving calendar: days off and make-up days of one's own, closures; terms kept apart.

Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TERMS_APART_POSTGRESQL = """
ALTER TABLE term ADD CONSTRAINT ex_term_overlap EXCLUDE USING gist (
    daterange(starts_on, ends_on, '[]') WITH &&)
"""
TERMS_APART_SQLITE = """
CREATE TRIGGER tr_term_overlap_{verb} BEFORE {verb} ON term
WHEN EXISTS (SELECT 1 FROM term t WHERE t.id IS NOT NEW.id
             AND t.starts_on <= NEW.ends_on AND NEW.starts_on <= t.ends_on)
BEGIN SELECT RAISE(ABORT, 'ex_term_overlap'); END
"""


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('off', 'work')", name=op.f("ck_calendar_day_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("day", name=op.f("uq_calendar_day_day")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_closure_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_ends_on", "closure", ["ends_on"], unique=False)
    op.create_index(op.f("ix_closure_place_id"), "closure", ["place_id"], unique=False)
    keep_terms_apart()


def keep_terms_apart() -> None:
    """A shared day is refused by the database; SQLite has triggers for it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(TERMS_APART_POSTGRESQL)
        return
    for verb in ("insert", "update"):
        op.execute(TERMS_APART_SQLITE.format(verb=verb))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE term DROP CONSTRAINT ex_term_overlap")
    else:
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER tr_term_overlap_{verb}")
    op.drop_index(op.f("ix_closure_place_id"), table_name="closure")
    op.drop_index("ix_closure_ends_on", table_name="closure")
    op.drop_table("closure")
    op.drop_table("calendar_day")
