import { describe, expect, it } from 'vitest'

import { checkInAsked, checkInOf, longHash } from '@/state/links'

const LINK = 'https://xingfu.example/m/#/check-in?lesson=586&code=ABCD2345'
const MEANT = { lesson: 586, code: 'ABCD2345' }

describe('a code that is scanned', () => {
  it('is the link on the classroom screen, whatever the host', () => {
    expect(checkInOf(LINK)).toEqual(MEANT)
    expect(
      checkInOf('http://192.168.1.4:8000/m/#/pages/check-in?code=ABCD2345&lesson=586'),
    ).toEqual(MEANT)
    expect(checkInOf(` ${LINK}\n`)).toEqual(MEANT)
    expect(checkInOf(LINK.replace('lesson=586', 'room=12'))).toEqual({ room: 12, code: 'ABCD2345' })
  })

  it('is nothing of ours otherwise', () => {
    for (const text of [
      '',
      'xf:b:k2jf8',
      'https://example.com/',
      'https://xingfu.example/m/#/sign-in?code=ABCD2345',
      'https://xingfu.example/m/#/check-in?lesson=586',
      'https://xingfu.example/m/#/check-in?lesson=-1&code=ABCD2345',
      'https://xingfu.example/m/#/check-in?lesson=x&code=ABCD2345',
      'https://xingfu.example/m/#/check-in?lesson=586&code=%20',
    ]) {
      expect(checkInOf(text), text).toBeNull()
    }
  })
})

describe('a page that is opened for checking in', () => {
  it('takes its own parameters', () => {
    expect(checkInAsked({ lesson: '586', code: 'ABCD2345' })).toEqual(MEANT)
    expect(checkInAsked({ lesson: '586' })).toBeNull()
    expect(checkInAsked(undefined)).toBeNull()
  })

  it("takes the escaped link that WeChat's camera hands over", () => {
    expect(checkInAsked({ q: encodeURIComponent(LINK) })).toEqual(MEANT)
    expect(checkInAsked({ q: LINK })).toEqual(MEANT)
    expect(checkInAsked({ q: '%E0%A4%A' })).toBeNull()
  })

  it('takes the scene of a mini-program code', () => {
    expect(checkInAsked({ scene: encodeURIComponent('lesson=586&code=ABCD2345') })).toEqual(MEANT)
    expect(checkInAsked({ scene: '1011' })).toBeNull()
  })
})

describe('a short address', () => {
  it('leads to the page it means, with what it asks for', () => {
    expect(longHash('#/check-in?lesson=586&code=ABCD2345')).toBe(
      '#/pages/check-in?lesson=586&code=ABCD2345',
    )
    expect(longHash('#/sign-in?code=081')).toBe('#/pages/sign-in?code=081')
    expect(longHash('#/bookings')).toBe('#/pages/bookings')
  })

  it('leaves whole addresses alone', () => {
    for (const hash of ['', '#/', '#/pages/home', '#/night_school/pages/class?id=3', '#top']) {
      expect(longHash(hash), hash).toBeNull()
    }
  })
})
