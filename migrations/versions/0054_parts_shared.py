"""Which rooms share a part is found by an index.

Revises: 0053
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_room_atom_atom_id", "room_atom", ["atom_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_room_atom_atom_id", table_name="room_atom")
