"""Recurring reservations of registered groups.

Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("series") as table:
        table.add_column(sa.Column("group_id", ID, nullable=True))
        table.create_foreign_key(
            op.f("fk_series_group_id"), "registered_group", ["group_id"], ["id"]
        )
    op.create_index(
        "ix_series_group_id",
        "series",
        ["group_id"],
        unique=False,
        postgresql_where=sa.text("group_id IS NOT NULL"),
        sqlite_where=sa.text("group_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_series_group_id", table_name="series")
    with op.batch_alter_table("series") as table:
        table.drop_constraint(op.f("fk_series_group_id"), type_="foreignkey")
        table.drop_column("group_id")
