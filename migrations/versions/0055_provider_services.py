"""Which provider offers which service.

Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_service_provider_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["market_service.id"], name=op.f("fk_provider_service_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_service")),
    )
    op.create_index(
        op.f("ix_provider_service_provider_id"), "provider_service", ["provider_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_provider_service_provider_id"), table_name="provider_service")
    op.drop_table("provider_service")
