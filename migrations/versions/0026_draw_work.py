"""Drawing in the background: who has a draw in hand, and how far it is.

Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draw_work",
        sa.Column(
            "draw_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step", sa.String(length=10), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("of", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk_draw_work_draw_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draw_work")),
    )


def downgrade() -> None:
    op.drop_table("draw_work")
