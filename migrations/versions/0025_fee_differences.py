"""What was paid for a class, where another one costs more or less.

Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STATES = "state IN ('unpaid', 'paid', 'refunded', 'waived')"
WITH_DIFFERENCES = "state IN ('unpaid', 'short', 'over', 'paid', 'refunded', 'waived')"
DIFFERENCE = (
    "CASE state WHEN 'short' THEN 0 < paid_fen AND paid_fen < amount_fen "
    "WHEN 'over' THEN paid_fen > amount_fen ELSE paid_fen IS NULL END"
)


def upgrade() -> None:
    with op.batch_alter_table("fee") as table:
        table.add_column(sa.Column("paid_fen", sa.Integer(), nullable=True))
        table.drop_constraint(op.f("ck_fee_state"), type_="check")
        table.create_check_constraint(op.f("ck_fee_state"), WITH_DIFFERENCES)
        table.create_check_constraint(op.f("ck_fee_difference"), DIFFERENCE)


def downgrade() -> None:
    # What was received stands; the difference is forgotten with the column.
    op.execute(
        "UPDATE fee SET amount_fen = paid_fen, state = 'paid', paid_fen = NULL "
        "WHERE state IN ('short', 'over')"
    )
    with op.batch_alter_table("fee") as table:
        table.drop_constraint(op.f("ck_fee_difference"), type_="check")
        table.drop_constraint(op.f("ck_fee_state"), type_="check")
        table.create_check_constraint(op.f("ck_fee_state"), STATES)
        table.drop_column("paid_fen")
