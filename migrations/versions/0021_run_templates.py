"""Templates of classes.

Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "settings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_run_template_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_template")),
        sa.UniqueConstraint("place_id", "name", name=op.f("uq_run_template_place_id_name")),
    )


def downgrade() -> None:
    op.drop_table("run_template")
