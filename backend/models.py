"""Every table, and what follows a merged person: imported for their side effect at the start."""

import backend.booking.merging
import backend.booking.models
import backend.night_school.merging
import backend.night_school.models
import backend.notices.models
import backend.people.models
import backend.places.models
import backend.reminders.merging
import backend.reminders.models
import backend.staff.models
import backend.wechat.models  # noqa: F401
