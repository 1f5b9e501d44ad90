/** The API's shapes that these pages speak of. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Booking = Schemas['Booking']
export type BookingDetail = Schemas['BookingDetail']
export type BookedLesson = Schemas['BookedLesson']
