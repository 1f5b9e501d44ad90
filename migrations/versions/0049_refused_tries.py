"""Who tried to reserve a room and was refused.

Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "refused_try",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "why IN ('taken', 'quota', 'time', 'closed', 'audience')",
            name=op.f("ck_refused_try_why"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_refused_try_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_refused_try_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_try")),
        sa.UniqueConstraint(
            "person_id",
            "room_id",
            "day",
            "why",
            name=op.f("uq_refused_try_person_id_room_id_day_why"),
        ),
    )
    op.create_index(
        "ix_refused_try_room_id_starts_at", "refused_try", ["room_id", "starts_at"], unique=False
    )
    op.create_index("ix_refused_try_tried_at", "refused_try", ["tried_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_refused_try_tried_at", table_name="refused_try")
    op.drop_index("ix_refused_try_room_id_starts_at", table_name="refused_try")
    op.drop_table("refused_try")
