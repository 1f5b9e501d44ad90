"""A note of the ledger is forgotten with the person it is about.

Revises: 0061
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

BEFORE = {
    "postgresql": """
CREATE OR REPLACE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL
       AND to_jsonb(NEW) - 'reversed_by_id' = to_jsonb(OLD) - 'reversed_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to';
END $$
""",
    "sqlite": """
CREATE TRIGGER tr_ledger_entry_kept_update BEFORE UPDATE ON ledger_entry
WHEN OLD.reversed_by_id IS NOT NULL OR NEW.reversed_by_id IS NULL
  OR (NEW.id, NEW.purse_id, NEW.kind, NEW.fen, NEW.key, NEW.at)
  IS NOT (OLD.id, OLD.purse_id, OLD.kind, OLD.fen, OLD.key, OLD.at)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
}
AFTER = {
    "postgresql": """
CREATE OR REPLACE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL
       AND to_jsonb(NEW) - 'reversed_by_id' = to_jsonb(OLD) - 'reversed_by_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.note IS NULL
       AND to_jsonb(NEW) - 'note' = to_jsonb(OLD) - 'note' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to';
END $$
""",
    "sqlite": """
CREATE TRIGGER tr_ledger_entry_kept_update BEFORE UPDATE ON ledger_entry
WHEN NOT (
  (NEW.id, NEW.purse_id, NEW.kind, NEW.fen, NEW.key, NEW.booking_id, NEW.account_id,
   NEW.staff_id, NEW.reverses_id, NEW.at)
  IS (OLD.id, OLD.purse_id, OLD.kind, OLD.fen, OLD.key, OLD.booking_id, OLD.account_id,
      OLD.staff_id, OLD.reverses_id, OLD.at)
  AND (
    OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL AND NEW.note IS OLD.note
    OR NEW.reversed_by_id IS OLD.reversed_by_id AND NEW.note IS NULL
  )
)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
}


def upgrade() -> None:
    _keep(AFTER)


def downgrade() -> None:
    _keep(BEFORE)


def _keep(ledger: dict[str, str]) -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER tr_ledger_entry_kept_update")
    op.execute(ledger[dialect])
