"""What labels say, and said when they were printed.

Revises: 0080
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    says = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    with op.batch_alter_table("kitchen_paper") as table:
        table.add_column(sa.Column("says", says, nullable=True))
        table.add_column(sa.Column("printed", says, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("kitchen_paper") as table:
        table.drop_column("printed")
        table.drop_column("says")
