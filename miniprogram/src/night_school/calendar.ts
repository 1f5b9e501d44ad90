/** Putting a booking's lessons into the phone's calendar. */
import { get, getText } from '@/api/client'
import { moment } from '@/format/time'
import { addAppointment, HAS_CALENDAR, saveFile } from '@/platform'

import { t } from './texts'
import { comingLessons } from './wording'

interface Booked {
  id: number
  title: string
  place_name: string
  place_address: string | null
}

/** Add the lessons to come, or hand over a calendar file; the sentence that says what happened. */
export async function addToCalendar(booking: Booked): Promise<string> {
  const path = { booking_id: booking.id }
  if (!HAS_CALENDAR) {
    const file = await getText('/bookings/{booking_id}/calendar.ics', { path })
    saveFile(`${booking.title}.ics`, 'text/calendar', file)
    return t.calendarSaved
  }
  const lessons = comingLessons(await get('/bookings/{booking_id}/lessons', { path }))
  let added = 0
  for (const lesson of lessons.filter(({ cancelled }) => !cancelled)) {
    const accepted = await addAppointment({
      title: booking.title,
      starts: moment(lesson.starts_at),
      ends: moment(lesson.ends_at),
      place: [booking.place_name, booking.place_address, lesson.room_name]
        .filter(Boolean)
        .join(' '),
    })
    if (!accepted) break
    added += 1
  }
  return added ? t.calendarAdded(added) : t.calendarRefused
}
