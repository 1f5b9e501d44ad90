"""Cases in which nobody answered the door, announced absences, grid workers.

Revises: 0069
"""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grid_worker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_grid_worker_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_worker")),
    )
    op.create_index(op.f("ix_grid_worker_place_id"), "grid_worker", ["place_id"], unique=False)
    op.create_table(
        "absent_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account_id IS NULL OR staff_id IS NULL", name=op.f("ck_absent_day_who")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_absent_day_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absent_day_person_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_absent_day_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absent_day")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_absent_day_person_id_day")),
    )
    op.create_table(
        "welfare_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("food", sa.String(length=10), nullable=True),
        sa.Column("food_with", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "food IN ('handed', 'neighbour', 'taken_back')", name=op.f("ck_welfare_case_food")
        ),
        sa.CheckConstraint(
            "outcome IN ('safe', 'away', 'hospital', 'duty', 'police')",
            name=op.f("ck_welfare_case_outcome"),
        ),
        sa.CheckConstraint(
            "(food IS NULL) = (closed_at IS NULL)", name=op.f("ck_welfare_case_food_when_closed")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (closed_at IS NULL)",
            name=op.f("ck_welfare_case_outcome_when_closed"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_welfare_case_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["staff.id"], name=op.f("fk_welfare_case_closed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["staff.id"], name=op.f("fk_welfare_case_opened_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_welfare_case_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welfare_case")),
        sa.UniqueConstraint("key", name=op.f("uq_welfare_case_key")),
    )
    op.create_index("ix_welfare_case_booking_id", "welfare_case", ["booking_id"], unique=False)
    op.create_index("ix_welfare_case_person_id", "welfare_case", ["person_id"], unique=False)
    op.create_index(
        "uq_welfare_case_open",
        "welfare_case",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "welfare_addition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["welfare_case.id"], name=op.f("fk_welfare_addition_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_welfare_addition_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welfare_addition")),
    )
    op.create_index(
        op.f("ix_welfare_addition_case_id"), "welfare_addition", ["case_id"], unique=False
    )
    op.create_table(
        "welfare_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=9), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "answer IN ('nobody', 'heard', 'found', 'taken_over')",
            name=op.f("ck_welfare_step_answer"),
        ),
        sa.CheckConstraint(
            "step IN ('call', 'neighbour', 'grid', 'family', 'duty')",
            name=op.f("ck_welfare_step_step"),
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (answer IS NULL)", name=op.f("ck_welfare_step_answer_when_done")
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (staff_id IS NULL)", name=op.f("ck_welfare_step_staff_when_done")
        ),
        sa.CheckConstraint(
            "(rung IS NULL) = (due_at IS NULL)", name=op.f("ck_welfare_step_rungs_are_due")
        ),
        sa.CheckConstraint(
            "rung IS NOT NULL OR done_at IS NOT NULL", name=op.f("ck_welfare_step_rung_or_done")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["welfare_case.id"], name=op.f("fk_welfare_step_case_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_welfare_step_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welfare_step")),
        sa.UniqueConstraint("case_id", "rung", name=op.f("uq_welfare_step_case_id_rung")),
        sa.UniqueConstraint("key", name=op.f("uq_welfare_step_key")),
    )
    op.create_index(
        "ix_welfare_step_due_at",
        "welfare_step",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
        sqlite_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_welfare_step_due_at",
        table_name="welfare_step",
        postgresql_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
        sqlite_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
    )
    op.drop_table("welfare_step")
    op.drop_index(op.f("ix_welfare_addition_case_id"), table_name="welfare_addition")
    op.drop_table("welfare_addition")
    op.drop_index(
        "uq_welfare_case_open",
        table_name="welfare_case",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_welfare_case_person_id", table_name="welfare_case")
    op.drop_index("ix_welfare_case_booking_id", table_name="welfare_case")
    op.drop_table("welfare_case")
    op.drop_table("absent_day")
    op.drop_index(op.f("ix_grid_worker_place_id"), table_name="grid_worker")
    op.drop_table("grid_worker")
