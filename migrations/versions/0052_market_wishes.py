"""What residents wish for at markets.

Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_wish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("own_words", sa.String(length=30), nullable=True),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (own_words IS NULL)", name=op.f("ck_market_wish_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_market_wish_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["market_service.id"], name=op.f("fk_market_wish_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_wish")),
    )
    op.create_index("ix_market_wish_wished_at", "market_wish", ["wished_at"], unique=False)
    op.create_index(
        "uq_market_wish_own",
        "market_wish",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("service_id IS NULL"),
        sqlite_where=sa.text("service_id IS NULL"),
    )
    op.create_index(
        "uq_market_wish_service", "market_wish", ["person_id", "service_id"], unique=True
    )


def downgrade() -> None:
    op.drop_index("uq_market_wish_service", table_name="market_wish")
    op.drop_index(
        "uq_market_wish_own",
        table_name="market_wish",
        postgresql_where=sa.text("service_id IS NULL"),
        sqlite_where=sa.text("service_id IS NULL"),
    )
    op.drop_index("ix_market_wish_wished_at", table_name="market_wish")
    op.drop_table("market_wish")
