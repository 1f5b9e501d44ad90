"""The weekly hours of a run; those of runs that are there, from their first lesson.

Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MINUTES = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM l.ends_at - l.starts_at) / 60 AS INTEGER)",
    "sqlite": "CAST(round((julianday(l.ends_at) - julianday(l.starts_at)) * 1440) AS INTEGER)",
}


def upgrade() -> None:
    op.create_table(
        "run_hour",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_run_hour_weekday")),
        sa.CheckConstraint(
            "from_minute >= 0 AND from_minute + minutes <= 1440", name=op.f("ck_run_hour_hour")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_run_hour_minutes")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_run_hour_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "weekday", "from_minute", name=op.f("pk_run_hour")),
    )
    op.create_index("ix_run_hour_weekday_run_id", "run_hour", ["weekday", "run_id"], unique=False)
    minutes = MINUTES[op.get_bind().dialect.name]
    op.execute(
        f"""
        INSERT INTO run_hour (run_id, weekday, from_minute, minutes)
        SELECT r.id, r.weekday, r.from_minute,
               CASE WHEN {minutes} BETWEEN 1 AND 1440 - r.from_minute THEN {minutes}
                    ELSE 1440 - r.from_minute END
        FROM course_run r JOIN lesson l ON l.run_id = r.id
        WHERE l.number = (SELECT min(f.number) FROM lesson f WHERE f.run_id = r.id)
        """  # noqa: S608 - our own words only
    )


def downgrade() -> None:
    op.drop_index("ix_run_hour_weekday_run_id", table_name="run_hour")
    op.drop_table("run_hour")
