"""Every table, imported for its side effect on the metadata: migrations and tests start here."""

import backend.booking.models
import backend.night_school.models
import backend.people.models
import backend.places.models
import backend.reminders.models
import backend.staff.models
import backend.wechat.models  # noqa: F401
