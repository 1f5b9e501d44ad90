"""Every table, and what follows a merged or a deleted person: imported for their side effect."""

import backend.booking.deleting
import backend.booking.merging
import backend.booking.models
import backend.booking.own_data
import backend.night_school.certificates.models
import backend.night_school.deleting
import backend.night_school.draws.deleting
import backend.night_school.draws.merging
import backend.night_school.draws.models
import backend.night_school.draws.own_data
import backend.night_school.excuses.models
import backend.night_school.fees.models
import backend.night_school.fees.own_data
import backend.night_school.fees.service
import backend.night_school.merging
import backend.night_school.missed
import backend.night_school.models
import backend.night_school.own_data
import backend.night_school.planning.models
import backend.night_school.ratings.models
import backend.night_school.teacher_links.models
import backend.night_school.uploads.models
import backend.notices.models
import backend.people.models
import backend.places.models
import backend.reminders.deleting
import backend.reminders.merging
import backend.reminders.models
import backend.reminders.own_data
import backend.staff.deleting
import backend.staff.models
import backend.staff.own_data
import backend.standing.late
import backend.standing.own_data
import backend.wechat.models  # noqa: F401
