import { defineTexts } from '@/texts/define'

/** Checking in at a room's door, and coming too late for it. */
export const t = defineTexts(
  {
    title: '房间签到',
    how: '对准房间门口屏幕上的二维码扫一扫，就签好到了。',
    staff: '门口没有屏幕，或者扫不了？请找工作人员签到，报上预约码就行。',
    until: (time: string) => `用到 ${time}`,
    endEarly: '提前用完了，在预约页点“提前结束”，邻居就能接着用。',
    tooEarly: (when: string) => `来早了，${when} 起可以签到`,
    tooEarlyMore: '到时候再扫一次就好。',
    notHere: '没有找到您在这个房间的预约',
    notHereMore: '看看是不是走错了门，或者约的是别的日子。',
    lateTitle: '来晚了一步，房间已经让给邻居',
    lateMore: (until: string) =>
      `这次到 ${until} 还没有人签到，房间就先让出来了，没能等到您，很抱歉。`,
    stillFree: (from: string, until: string) => `${from}–${until} 还空着，可以再约。`,
    takeIt: (from: string) => `约 ${from}`,
    notFree: '这次的时间里已经没有空了，可以另约时间。',
    other: '看看别的时间',
    special: '有特殊情况，请跟工作人员说一声。',
    button: '到了，签到',
    over: (until: string) => `${until} 前没有签到，房间已经让给邻居了。`,
  },
  {
    title: 'Check in at the room',
    how: 'Scan the QR code on the screen beside the door, and you are checked in.',
    staff: 'No screen, or it cannot be scanned? Tell the staff your reservation code.',
    until: (time) => `until ${time}`,
    endEarly:
      'Finished early? End it on the reservation’s page, and a neighbour can have the room.',
    tooEarly: (when) => `You are early: check-in opens ${when}`,
    tooEarlyMore: 'Please scan once more then.',
    notHere: 'You have no reservation of this room now',
    notHereMore: 'Is it another door, or another day?',
    lateTitle: 'The room has gone to a neighbour',
    lateMore: (until) =>
      `Nobody had checked in by ${until}, so the room was let go. We are sorry to have missed you.`,
    stillFree: (from, until) => `From ${from} to ${until} it is still free, and yours if you like.`,
    takeIt: (from) => `Take it from ${from}`,
    notFree: 'Nothing of your time is free any more. Please choose another.',
    other: 'See other times',
    special: 'In special cases please tell the staff.',
    button: 'I am here: check in',
    over: (until) => `Nobody had checked in by ${until}; the room has gone to a neighbour.`,
  },
)
