"""Draws, who applies for them, and what they wish for.

Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("number_name", sa.String(length=120), nullable=False),
        sa.Column("number_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("most_wishes", sa.Integer(), server_default="5", nullable=False),
        sa.Column("most_places", sa.Integer(), server_default="1", nullable=False),
        sa.Column("home_weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Text(), nullable=True),
        sa.Column("entries_sha256", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_number", sa.String(length=64), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "tally",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("file", sa.Text(), nullable=True),
        sa.CheckConstraint("drawn_at IS NULL OR entries IS NOT NULL", name=op.f("ck_draw_closed")),
        sa.CheckConstraint("home_weight >= 0 AND first_weight >= 0", name=op.f("ck_draw_weights")),
        sa.CheckConstraint("most_wishes > 0 AND most_places > 0", name=op.f("ck_draw_limits")),
        sa.CheckConstraint(
            "opens_at < closes_at AND closes_at < number_at", name=op.f("ck_draw_order")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR commitment IS NOT NULL", name=op.f("ck_draw_committed")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_draw_place_id")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_draw_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )
    op.create_index(op.f("ix_draw_place_id"), "draw", ["place_id"], unique=False)
    op.create_index(op.f("ix_draw_term_id"), "draw", ["term_id"], unique=False)
    op.create_table(
        "draw_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("together", sa.String(length=12), nullable=True),
        sa.Column("most", sa.Integer(), server_default="1", nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("most > 0", name=op.f("ck_draw_application_most")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draw_application_account_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_application_draw_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_draw_application_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_application")),
        sa.UniqueConstraint("code", name=op.f("uq_draw_application_code")),
        sa.UniqueConstraint(
            "draw_id", "person_id", name=op.f("uq_draw_application_draw_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_draw_application_account_id"), "draw_application", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_draw_application_person_id"), "draw_application", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_draw_application_together"), "draw_application", ["together"], unique=False
    )
    op.create_table(
        "draw_wish",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("got", sa.String(length=10), nullable=True),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint("rank > 0", name=op.f("ck_draw_wish_rank")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["draw_application.id"],
            name=op.f("fk_draw_wish_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_draw_wish_booking_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["course_run.id"], name=op.f("fk_draw_wish_run_id")),
        sa.PrimaryKeyConstraint("application_id", "rank", name=op.f("pk_draw_wish")),
        sa.UniqueConstraint(
            "application_id", "run_id", name=op.f("uq_draw_wish_application_id_run_id")
        ),
    )
    op.create_index(op.f("ix_draw_wish_booking_id"), "draw_wish", ["booking_id"], unique=False)
    op.create_index(op.f("ix_draw_wish_run_id"), "draw_wish", ["run_id"], unique=False)
    with op.batch_alter_table("course_run") as table:
        table.add_column(
            sa.Column("mode", sa.String(length=10), server_default="first_come", nullable=False)
        )
        table.add_column(
            sa.Column(
                "draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        table.add_column(sa.Column("apply_from", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("apply_until", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(op.f("fk_course_run_draw_id"), "draw", ["draw_id"], ["id"])
        table.create_check_constraint(op.f("ck_course_run_mode"), "mode IN ('first_come', 'draw')")
        table.create_check_constraint(
            op.f("ck_course_run_draw"),
            "mode = 'first_come' OR draw_id IS NOT NULL AND apply_from < apply_until",
        )
    op.create_index(op.f("ix_course_run_draw_id"), "course_run", ["draw_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_course_run_draw_id"), table_name="course_run")
    with op.batch_alter_table("course_run") as table:
        table.drop_constraint(op.f("ck_course_run_draw"), type_="check")
        table.drop_constraint(op.f("ck_course_run_mode"), type_="check")
        table.drop_constraint(op.f("fk_course_run_draw_id"), type_="foreignkey")
        table.drop_column("apply_until")
        table.drop_column("apply_from")
        table.drop_column("draw_id")
        table.drop_column("mode")
    op.drop_index(op.f("ix_draw_wish_run_id"), table_name="draw_wish")
    op.drop_index(op.f("ix_draw_wish_booking_id"), table_name="draw_wish")
    op.drop_table("draw_wish")
    op.drop_index(op.f("ix_draw_application_together"), table_name="draw_application")
    op.drop_index(op.f("ix_draw_application_person_id"), table_name="draw_application")
    op.drop_index(op.f("ix_draw_application_account_id"), table_name="draw_application")
    op.drop_table("draw_application")
    op.drop_index(op.f("ix_draw_term_id"), table_name="draw")
    op.drop_index(op.f("ix_draw_place_id"), table_name="draw")
    op.drop_table("draw")
