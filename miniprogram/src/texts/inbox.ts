import { defineTexts } from './define'

/** The inbox. */
export const t = defineTexts(
  {
    title: '消息',
    unread: '未读',
    unreadCount: (count: number) => `还有 ${count} 条没读`,
    allRead: '都读过了',
    readAll: '全部标为已读',
    readAllDone: '已经全部标为已读',
    empty: '还没有消息。报名、候补、上课提醒都会放在这里。',
    open: '看这项预约',
    openHousehold: '去家人页面看看',
    openStanding: '看出勤情况',
    understood: '知道了',
  },
  {
    title: 'Inbox',
    unread: 'Unread',
    unreadCount: (count) => `${count} unread`,
    allRead: 'All read',
    readAll: 'Mark all as read',
    readAllDone: 'Everything is marked as read',
    empty: 'No messages yet. Bookings, waiting lists and reminders will show up here.',
    open: 'See this booking',
    openHousehold: 'Go to my household',
    openStanding: 'See what was missed',
    understood: 'Got it',
  },
)
