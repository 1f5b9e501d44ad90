"""What must hold for the outbox and the inbox."""

from backend.checking import Check

CHECKS = (
    Check(
        "reminders-go-out",
        "no reminder has been due for longer than the grace period (is the scheduler running?)",
        """
        SELECT id AS reminder, kind, due_at, attempts FROM reminder
        WHERE state = 'due' AND due_at < :late AND (claimed_until IS NULL OR claimed_until < :late)
        """,
    ),
    Check(
        "inbox-has-its-copy",
        "what was sent to somebody with an account stands in their inbox as well",
        """
        SELECT r.id AS reminder, r.kind FROM reminder r
        LEFT JOIN inbox_message m ON m.reminder_id = r.id
        WHERE r.state IN ('sent', 'inbox') AND r.account_id IS NOT NULL AND m.id IS NULL
        """,
    ),
)
