"""Claims of meals, what was decided of single ones, and who is not here any more.

Revises: 0070
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

_TABLES = ("meal_claim", "meal_claim_day", "meal_claim_line")
_FROZEN = {
    "meal_claim": "OLD.frozen_at IS NOT NULL",
    "meal_claim_day": "(SELECT frozen_at FROM meal_claim WHERE id = OLD.claim_id) IS NOT NULL",
    "meal_claim_line": "OLD.claim_id IS NOT NULL",
}
FROZEN_STAYS = {
    "postgresql": [
        statement
        for table in _TABLES
        for statement in (
            f"""
CREATE OR REPLACE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_FROZEN[table]} THEN
        RAISE EXCEPTION 'a frozen claim stays as it is';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
""",
            f"""
CREATE TRIGGER tr_{table}_kept BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION keep_{table}()
""",
        )
    ],
    "sqlite": [
        f"""
CREATE TRIGGER tr_{table}_kept_{verb.lower()} BEFORE {verb} ON {table}
WHEN {_FROZEN[table]}
BEGIN SELECT RAISE(ABORT, 'a frozen claim stays as it is'); END
"""
        for table in _TABLES
        for verb in ("UPDATE", "DELETE")
    ],
}


def upgrade() -> None:
    op.create_table(
        "meal_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payer", sa.String(length=9), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "frozen_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "head",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("meals", sa.Integer(), nullable=True),
        sa.Column("corrections", sa.Integer(), nullable=True),
        sa.Column("fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "payer IN ('city', 'district', 'street', 'community')", name=op.f("ck_meal_claim_payer")
        ),
        sa.CheckConstraint(
            "(frozen_at IS NULL) = (sha256 IS NULL)", name=op.f("ck_meal_claim_frozen")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_meal_claim_days")),
        sa.ForeignKeyConstraint(
            ["frozen_by_id"], ["staff.id"], name=op.f("fk_meal_claim_frozen_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff.id"], name=op.f("fk_meal_claim_made_by_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_meal_claim_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_claim")),
    )
    op.create_index(op.f("ix_meal_claim_place_id"), "meal_claim", ["place_id"], unique=False)
    op.create_table(
        "departure",
        sa.Column(
            "person_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('deceased', 'moved')", name=op.f("ck_departure_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_departure_person_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_departure_staff_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_departure")),
    )
    op.create_table(
        "meal_claim_day",
        sa.Column("payer", sa.String(length=9), nullable=False),
        sa.Column(
            "canteen_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["canteen_id"], ["canteen.id"], name=op.f("fk_meal_claim_day_canteen_id")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["meal_claim.id"], name=op.f("fk_meal_claim_day_claim_id")
        ),
        sa.PrimaryKeyConstraint("payer", "canteen_id", "day", name=op.f("pk_meal_claim_day")),
    )
    op.create_index(
        op.f("ix_meal_claim_day_claim_id"), "meal_claim_day", ["claim_id"], unique=False
    )
    op.create_table(
        "meal_claim_line",
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "canteen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("meal", sa.String(length=10), nullable=False),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("why", sa.String(length=9), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "meal IN ('breakfast', 'lunch', 'dinner')", name=op.f("ck_meal_claim_line_meal")
        ),
        sa.CheckConstraint(
            "why IN ('meal', 'late', 'undone', 'cancelled', 'refunded', 'left_out', 'changed')",
            name=op.f("ck_meal_claim_line_why"),
        ),
        sa.CheckConstraint("fen <> 0", name=op.f("ck_meal_claim_line_fen")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meal_claim_line_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["meal_claim.id"], name=op.f("fk_meal_claim_line_claim_id")
        ),
        sa.PrimaryKeyConstraint("claim_id", "seq", name=op.f("pk_meal_claim_line")),
        sa.UniqueConstraint(
            "claim_id", "booking_id", name=op.f("uq_meal_claim_line_claim_id_booking_id")
        ),
    )
    op.create_index(
        "ix_meal_claim_line_booking_id", "meal_claim_line", ["booking_id"], unique=False
    )
    op.create_table(
        "meal_judgement",
        sa.Column(
            "booking_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("claims", sa.Boolean(), nullable=False),
        sa.Column(
            "flags",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meal_judgement_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_meal_judgement_staff_id")
        ),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_meal_judgement")),
    )
    for statement in FROZEN_STAYS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("meal_judgement")
    op.drop_index("ix_meal_claim_line_booking_id", table_name="meal_claim_line")
    op.drop_table("meal_claim_line")
    op.drop_index(op.f("ix_meal_claim_day_claim_id"), table_name="meal_claim_day")
    op.drop_table("meal_claim_day")
    op.drop_table("departure")
    op.drop_index(op.f("ix_meal_claim_place_id"), table_name="meal_claim")
    op.drop_table("meal_claim")
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"DROP FUNCTION keep_{table}()")
