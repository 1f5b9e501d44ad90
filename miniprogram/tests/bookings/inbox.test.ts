import { describe, expect, it } from 'vitest'

import { withRead, type InboxPage, type Message } from '@/pages/inbox/paging'

const message = (id: number, read = false) => ({ id, read }) as Message
const page = (...items: Message[]): InboxPage => ({
  items,
  next_cursor: null,
  unread: items.filter(({ read }) => !read).length + 2,
})

describe('messages that were read', () => {
  it('count down once', () => {
    const once = withRead(page(message(1), message(2)), [1])
    expect([once.items[0]!.read, once.items[1]!.read, once.unread]).toEqual([true, false, 3])
    expect(withRead(once, [1]).unread).toBe(3)
  })

  it('are all of them when everything is marked', () => {
    const all = withRead(page(message(1), message(2, true)), 'all')
    expect([all.items.every(({ read }) => read), all.unread]).toEqual([true, 0])
  })
})
