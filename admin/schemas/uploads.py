"""What a tablet uploads, and the decision about what could not be applied."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from admin.schemas.base import LARGEST_ID, Asked, Choice, Text
from backend.night_school.models import Presence
from backend.night_school.uploads.applying import Entry
from backend.night_school.uploads.models import Decision, Kind
from backend.night_school.uploads.service import Upload

MOST_ENTRIES = 500


class DeviceMoment(fields.AwareDateTime):
    """A moment by the device's clock, which may be years off: from 1970 to 2199."""

    def __init__(self, **kwargs: Any) -> None:
        span = validate.Range(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
        super().__init__(format="iso", validate=span, **kwargs)


class EntrySchema(Asked):
    """One tap, scan or undo."""

    nonce = fields.UUID(required=True)
    kind = Choice(Kind, required=True)
    at = DeviceMoment(required=True)
    booking_id = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(1, LARGEST_ID)
    )
    presence = Choice(Presence, allow_none=True)
    code = Text(longest=200, allow_none=True)
    seen = Choice(Presence, allow_none=True)

    @post_load
    def as_entry(self, asked: dict[str, Any], **_options: Any) -> Entry:
        """As the service takes it."""
        marks = {
            name: Presence(asked[name]) if asked.get(name) else None
            for name in ("presence", "seen")
        }
        return Entry(**asked | marks | {"nonce": str(asked["nonce"]), "kind": Kind(asked["kind"])})


class UploadBody(Schema):
    """A device, its clock, and its entries in its order."""

    device = fields.UUID(required=True)
    device_now = DeviceMoment(required=True)
    entries = fields.List(
        fields.Nested(EntrySchema), required=True, validate=validate.Length(1, MOST_ENTRIES)
    )

    @post_load
    def as_upload(self, asked: dict[str, Any], **_options: Any) -> Upload:
        """As the service takes it."""
        return Upload(str(asked["device"]), asked["device_now"], asked["entries"])


class DecisionForm(Asked):
    """Whose word holds."""

    decision = Choice((Decision.DEVICE, Decision.SERVER), required=True)

    @post_load
    def as_decision(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """One of the enumeration."""
        return {"decision": Decision(asked["decision"])}
