import { describe, expect, it } from 'vitest'

import type { Street } from '@/state/home'

import { phone } from '../setup'

const place = (id: number, name: string) => ({ id, name, address: null, phone: `0000-${id}` })
const STREETS: Street[] = [
  { id: 2, name: '春和街道', communities: [place(14, '康景社区'), place(26, '瑞秀社区')] },
  { id: 3, name: '康乐街道', communities: [place(15, '明禾社区')] },
]

/** Answer the next call with the streets, in the API's envelope. */
function tellStreets(): void {
  phone.request.mockImplementation(({ success }) =>
    success({ statusCode: 200, header: {}, data: { errcode: 0, errmsg: 'ok', data: STREETS } }),
  )
}

describe('finding a community', () => {
  it.each([
    ['康景', [14]],
    ['康景社区', [14]],
    [' 瑞 秀 ', [26]],
    ['康', [14, 15]],
    ['春和街道', [14, 26]],
    ['社区', []],
    ['没有', []],
  ])('by %s', async (text, ids) => {
    const { findPlaces } = await import('@/state/home')
    expect(findPlaces(STREETS, text).map(({ community }) => community.id)).toEqual(ids)
  })
})

describe('where one lives', () => {
  it('stays on the phone without a sign-in', async () => {
    const first = await import('@/state/home')
    first.setHome(STREETS[0]!, STREETS[0]!.communities[1]!)
    const { vi } = await import('vitest')
    vi.resetModules()
    const { home } = await import('@/state/home')
    expect(home.value).toEqual({
      community_id: 26,
      community_name: '瑞秀社区',
      street_id: 2,
      street_name: '春和街道',
      phone: '0000-26',
    })
  })

  it('follows the account, asks only when that is news, and goes with it', async () => {
    tellStreets()
    const { followHome, forgetHome, home } = await import('@/state/home')
    await followHome(15)
    expect(home.value?.street_name).toBe('康乐街道')
    await followHome(15)
    await followHome(null)
    expect(phone.request).toHaveBeenCalledTimes(1)
    forgetHome()
    expect(home.value).toBeNull()
    expect(phone.getStorageSync('xf.home')).toBe('')
  })
})
