/** Putting an appointment into the phone's own calendar. */
import { isWeChat } from './which'

export interface Appointment {
  title: string
  /** Milliseconds since 1970. */
  starts: number
  ends: number
  place: string
  notes?: string
}

/** Where the phone takes one appointment after another; H5 takes a calendar file instead. */
export const HAS_CALENDAR = isWeChat

/** Add one appointment with an alarm two hours before; false when it was not allowed. */
export function addAppointment(appointment: Appointment): Promise<boolean> {
  // #ifdef MP-WEIXIN
  return new Promise((done) => {
    wx.addPhoneCalendar({
      title: appointment.title,
      startTime: Math.floor(appointment.starts / 1000),
      endTime: String(Math.floor(appointment.ends / 1000)),
      location: appointment.place,
      description: appointment.notes ?? '',
      alarm: true,
      alarmOffset: 2 * 60 * 60,
      success: () => done(true),
      fail: () => done(false),
    })
  })
  // #endif
  // #ifndef MP-WEIXIN
  void appointment
  return Promise.resolve(false)
  // #endif
}

/** Hand over a file that the server made (H5 only). */
export function saveFile(name: string, type: string, text: string): void {
  // #ifdef H5
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  // #endif
  void [name, type, text]
}
