"""Summaries of classes by age band, and the version that tells whether they hold.

Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("enrolled", "waiting", "came", "absent", "excused", "unknown")


def upgrade() -> None:
    op.create_table(
        "run_summary",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_run_summary_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_summary")),
    )
    op.create_table(
        "run_band_summary",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        *_group("taking_part"),
        *_group("in_line"),
        sa.Column("people", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run_summary.run_id"],
            name=op.f("fk_run_band_summary_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "band", name=op.f("pk_run_band_summary")),
    )
    op.add_column(
        "course_run",
        sa.Column("figures_version", sa.Integer(), server_default="0", nullable=False),
    )


def _group(name: str) -> list[sa.Column[int]]:
    return [
        sa.Column(f"{name}_count", sa.Integer(), nullable=False),
        *(
            sa.Column(f"{name}_{part}", BIG, nullable=True)
            for part in ("ids", "squares", "low", "high")
        ),
    ]


def downgrade() -> None:
    op.drop_column("course_run", "figures_version")
    op.drop_table("run_band_summary")
    op.drop_table("run_summary")
