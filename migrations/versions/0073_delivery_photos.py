"""Photos of meals handed over at the door.

Revises: 0072
"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "delivery_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stop_id", BIG, nullable=False),
        sa.Column("jpeg", sa.Text(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["stop_id"],
            ["delivery_stop.id"],
            name=op.f("fk_delivery_photo_stop_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_delivery_photo_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_photo")),
    )
    for column in ("at", "staff_id", "stop_id"):
        op.create_index(op.f(f"ix_delivery_photo_{column}"), "delivery_photo", [column])
    with op.batch_alter_table("meal_served") as table:
        table.create_foreign_key(
            op.f("fk_meal_served_photo_id"),
            "delivery_photo",
            ["photo_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index(op.f("ix_meal_served_photo_id"), "meal_served", ["photo_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_meal_served_photo_id"), "meal_served")
    with op.batch_alter_table("meal_served") as table:
        table.drop_constraint(op.f("fk_meal_served_photo_id"), type_="foreignkey")
    op.execute("UPDATE meal_served SET photo_id = NULL")
    op.drop_table("delivery_photo")
