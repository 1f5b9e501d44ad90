"""Which rooms share a part is found by an index.

Revises: 0051
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_room_atom_atom_id", "room_atom", ["atom_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_room_atom_atom_id", table_name="room_atom")
