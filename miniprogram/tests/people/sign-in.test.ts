import { describe, expect, it } from 'vitest'

import { Problem } from '@/api/problem'
import { digitsOf, isPhone, phoneOf, spaced } from '@/format/phone'
import { isCodeSent, isCodeSpent, sentenceOfSignIn, waitOf } from '@/pages/sign-in/wording'

describe('a phone number as people type it', () => {
  it.each([
    ['138 1234 5678', '13812345678'],
    ['138-1234-5678', '13812345678'],
    ['+86 138 1234 5678', '13812345678'],
    ['8613812345678', '13812345678'],
    ['１３８１２３４５６７８', '13812345678'],
    ['+852 5123 4567', '+85251234567'],
  ])('%s is %s', (typed, number) => {
    expect(phoneOf(typed)).toBe(number)
    expect(isPhone(number)).toBe(true)
  })

  it.each(['', '12345678901', '1381234567', '138123456789', '+0123456'])('%s is none', (typed) => {
    expect(isPhone(phoneOf(typed))).toBe(false)
  })

  it('is shown in groups, and a code keeps its leading nought', () => {
    expect(spaced('13812345678')).toBe('138 1234 5678')
    expect(digitsOf('04 23 17')).toBe('042317')
  })
})

describe('why signing in did not work', () => {
  const refused = (errcode: number, data = {}, retryAfter = 0) =>
    new Problem(errcode > 42900 && errcode < 43000 ? 'busy' : 'refused', {
      errcode,
      data,
      retryAfter,
      message: '…',
    })

  it('says how many tries are left, then asks for a new code', () => {
    expect(sentenceOfSignIn(refused(40103, { tries_left: 4 }))).toContain('4 次')
    expect(sentenceOfSignIn(refused(40103, { tries_left: 0 }))).toContain('重新获取')
    expect(isCodeSpent(refused(40103, { tries_left: 4 }))).toBe(false)
    expect(isCodeSpent(refused(40103, { tries_left: 0 }))).toBe(true)
  })

  it('says how long to wait, and that a code is on its way already', () => {
    expect(sentenceOfSignIn(refused(42901, {}, 37))).toContain('37 秒')
    expect(isCodeSent(refused(42901, {}, 37))).toBe(true)
    expect(sentenceOfSignIn(refused(42902, {}, 2400))).toContain('40 分钟')
    expect(isCodeSent(refused(42902, {}, 2400))).toBe(false)
  })

  it('leads elsewhere where messages are not set up', () => {
    expect(sentenceOfSignIn(refused(40945))).toContain('微信小程序')
  })

  it.each([
    [0, '1 秒'],
    [59.2, '60 秒'],
    [90, '2 分钟'],
    [3600, '60 分钟'],
    [7000, '2 小时'],
  ])('a wait of %s s is %s', (seconds, words) => {
    expect(waitOf(seconds)).toBe(words)
  })
})
