"""Eight presences: excused before or after, made up elsewhere (and where), nobody knows.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = ("present", "late", "left_early", "excused", "absent")
AFTER = (
    "present",
    "late",
    "left_early",
    "excused",
    "excused_after",
    "absent",
    "made_up",
    "unknown",
)
MADE_UP = "made_up_lesson_id IS NULL OR presence = 'made_up'"
KNOWN = sa.text("made_up_lesson_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("attendance") as table:
        table.drop_constraint(op.f("ck_attendance_presence"), type_="check")
        table.add_column(
            sa.Column(
                "made_up_lesson_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        table.alter_column(
            "presence",
            existing_type=sa.String(length=10),
            type_=sa.String(length=13),
            existing_nullable=False,
        )
        table.create_foreign_key(
            op.f("fk_attendance_made_up_lesson_id"),
            "lesson",
            ["made_up_lesson_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_check_constraint(op.f("ck_attendance_presence"), _one_of(AFTER))
        table.create_check_constraint(op.f("ck_attendance_made_up"), MADE_UP)
    op.create_index(
        "ix_attendance_made_up_lesson_id",
        "attendance",
        ["made_up_lesson_id"],
        unique=False,
        postgresql_where=KNOWN,
        sqlite_where=KNOWN,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_attendance_made_up_lesson_id",
        table_name="attendance",
        postgresql_where=KNOWN,
        sqlite_where=KNOWN,
    )
    op.execute("DELETE FROM attendance WHERE presence = 'unknown'")
    op.execute(
        "UPDATE attendance SET presence = 'excused' WHERE presence IN ('excused_after', 'made_up')"
    )
    with op.batch_alter_table("attendance") as table:
        table.drop_constraint(op.f("ck_attendance_presence"), type_="check")
        table.drop_constraint(op.f("ck_attendance_made_up"), type_="check")
        table.drop_constraint(op.f("fk_attendance_made_up_lesson_id"), type_="foreignkey")
        table.drop_column("made_up_lesson_id")
        table.alter_column(
            "presence",
            existing_type=sa.String(length=13),
            type_=sa.String(length=10),
            existing_nullable=False,
        )
        table.create_check_constraint(op.f("ck_attendance_presence"), _one_of(BEFORE))


def _one_of(presences: tuple[str, ...]) -> str:
    return "presence IN (" + ", ".join(f"'{one}'" for one in presences) + ")"
