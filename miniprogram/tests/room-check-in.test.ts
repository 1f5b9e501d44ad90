import { beforeEach, describe, expect, it } from 'vitest'

import { Problem } from '@/api/problem'
import { lateFor, refusalOf, restOf } from '@/venues/check-in'
import type { Strip } from '@/venues/wording'

import { setNoon } from './bookings/samples'

const refused = (errcode: number, data: Record<string, unknown> = {}) =>
  new Problem('refused', { errcode, message: '不行', data })
const at = (time: string) => `2026-03-18T${time}:00+08:00`

beforeEach(setNoon)

describe("at a room's door", () => {
  it('a no says what to do: scan anew, wait, look up, try the same again', () => {
    expect(refusalOf(refused(40916)).next).toBe('again')
    expect(refusalOf(refused(409123, { opens_at: at('13:45') }))).toMatchObject({
      title: '来早了，今天 13:45 起可以签到',
      next: 'again',
    })
    expect(refusalOf(refused(409124)).next).toBe('bookings')
    expect(refusalOf(new Problem('offline')).next).toBe('retry')
  })

  it('who comes too late hears until when it was kept', () => {
    const data = { booking_id: 7, room_id: 12, let_go_at: at('12:15') }
    expect(lateFor(refused(409122, data))).toEqual({ booking: 7, until: at('12:15') })
    expect(lateFor(refused(409123))).toBeNull()
    expect(lateFor(new Problem('offline'))).toBeNull()
  })

  it('and what is still free of their time', () => {
    const starts = (minutes: number[]) =>
      ({
        days: [
          {
            starts: minutes.map((free, hour) => ({
              starts_at: at(`${12 + hour}:00`),
              minutes: free,
            })),
          },
        ],
      }) as unknown as Strip
    const lost = { ends_at: at('14:00') }
    expect(restOf(lost, starts([0, 60, 60]))?.starts_at).toBe(at('13:00'))
    expect(restOf(lost, starts([0, 0, 60]))).toBeNull()
  })
})
