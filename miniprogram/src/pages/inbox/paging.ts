/** Messages on this phone after some were read. */
import type { components } from '@/api/schema'

export type Message = components['schemas']['Message']
export type InboxPage = components['schemas']['InboxPage']

/** The same page with those (or all) read; `unread` counts down, never below none. */
export function withRead<P extends { items: Message[]; unread: number }>(
  page: P,
  ids: number[] | 'all',
): P {
  const isMeant = (message: Message) => ids === 'all' || ids.includes(message.id)
  const newly = page.items.filter((message) => !message.read && isMeant(message)).length
  return {
    ...page,
    items: page.items.map((message) => (isMeant(message) ? { ...message, read: true } : message)),
    unread: ids === 'all' ? 0 : Math.max(0, page.unread - newly),
  }
}
