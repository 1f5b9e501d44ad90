"""What the audit list is narrowed by, and a call that was made."""

from marshmallow import fields, validate

from admin.schemas.base import Asked, Day, IdField, Text


class AuditFilter(Asked):
    """Whose entries, of what, from when to when."""

    staff_id = IdField()
    action = fields.String(validate=validate.Length(max=40))
    since = Day()
    until = Day()
    cursor = fields.String(validate=validate.Length(max=200))


class CallForm(Asked):
    """What came of a call."""

    note = Text(longest=100, load_default=None)
