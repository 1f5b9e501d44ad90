"""Subsidy rules have a last day; neither database lets a published version be changed.

Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

PUBLISHED_STAYS = {
    "postgresql": (
        """
CREATE OR REPLACE FUNCTION keep_subsidy_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published version stays as it is';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
""",
        """
CREATE TRIGGER tr_subsidy_version_kept BEFORE UPDATE OR DELETE ON subsidy_version
FOR EACH ROW EXECUTE FUNCTION keep_subsidy_version()
""",
    ),
    "sqlite": (
        """
CREATE TRIGGER tr_subsidy_version_kept_update BEFORE UPDATE ON subsidy_version
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published version stays as it is'); END
""",
        """
CREATE TRIGGER tr_subsidy_version_kept_delete BEFORE DELETE ON subsidy_version
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published version stays as it is'); END
""",
    ),
}


def upgrade() -> None:
    op.add_column("subsidy_rule", sa.Column("ends_on", sa.Date(), nullable=True))
    for statement in PUBLISHED_STAYS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER tr_subsidy_version_kept ON subsidy_version")
        op.execute("DROP FUNCTION keep_subsidy_version()")
    else:
        op.execute("DROP TRIGGER tr_subsidy_version_kept_update")
        op.execute("DROP TRIGGER tr_subsidy_version_kept_delete")
    op.drop_column("subsidy_rule", "ends_on")
