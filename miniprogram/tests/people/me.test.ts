import { describe, expect, it } from 'vitest'

import { phone } from '../setup'

const ME = { account_id: 5, person_id: 9, name: '王秀英', home_community_id: null, people: [] }

describe('myself', () => {
  it('is shown to the account it belongs to, and gone with it', async () => {
    phone.request.mockImplementation(({ success }) =>
      success({ statusCode: 200, header: {}, data: { errcode: 0, errmsg: 'ok', data: ME } }),
    )
    const { begin, forgetSession } = await import('@/state/session')
    const { useMe } = await import('@/state/me')
    const { data, refresh } = useMe()
    expect(data.value).toBeNull()

    begin({ token: 't', account_id: 5, person_id: 9 })
    await refresh()
    expect(data.value?.name).toBe('王秀英')

    begin({ token: 'u', account_id: 6, person_id: 10 })
    expect(data.value).toBeNull()

    forgetSession()
    expect(data.value).toBeNull()
  })
})
