import { describe, expect, it } from 'vitest'

import { companions, feeSentence } from '@/night_school/transfer'

const fee = { amount_fen: 8000, due_fen: 0, refund_fen: 0, marked_at: null, to_refund: false }

describe('changing class', () => {
  it.each([
    [null, 10000, null],
    [{ ...fee, state: 'unpaid', due_fen: 8000 }, 10000, null],
    [{ ...fee, state: 'paid' }, 8000, '已交的 80 元 转到新班，不用再交。'],
    [{ ...fee, state: 'paid' }, 10000, '已交的 80 元 转到新班，还差 20 元，换好以后请到社区补交。'],
    [{ ...fee, state: 'paid' }, 0, '已交 80 元，新班便宜 80 元，换好以后社区退给您。'],
    [
      { ...fee, state: 'short', due_fen: 3000 },
      8000,
      '已交的 50 元 转到新班，还差 30 元，换好以后请到社区补交。',
    ],
  ] as const)('says what becomes of the money: %j to %d', (paid, other, said) => {
    expect(feeSentence(paid, other)).toBe(said)
  })

  it('asks only those who go along still', () => {
    const party = ['confirmed', 'confirmed', 'cancelled'].map((state, at) => ({
      booking_id: at,
      person_id: at,
      person_name: `${at}`,
      state,
    }))
    expect(companions({ id: 0, party }).map((one) => one.booking_id)).toEqual([1])
  })
})
