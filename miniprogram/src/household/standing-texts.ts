import { defineTexts } from '@/texts/define'

/** How reliably one comes to what one booked: what counts, and what that means. */
export const t = defineTexts(
  {
    title: '出勤情况',
    who: '看谁的',
    none: '近来没有没来的记录，谢谢支持！',
    sum: (times: string) => `近来没能来的，折算 ${times} 次`,
    how: (days: number) =>
      `报了名没请假、没来，算一次；过了期限才取消，算半次。每过 ${days} 天减一半，慢慢就没有了。`,
    howNot: '上课前请假，或者课后补请假，都不算。',
    means: '会不会影响报名',
    meansNothing: '现在不影响报名。',
    meansMost: '大多数班不影响，照常报名。',
    meansFrom: (limit: number, when: string) =>
      `要求“没来不超过 ${limit} 次”的班，${when} 起就可以报。`,
    entries: '都有哪些',
    lesson: (number: number, day: string) => `第 ${number} 次课 · ${day}`,
    absent: '没有请假，没来',
    late: '过了期限才取消',
    weighs: (times: string, day: string) => `现在算 ${times} 次，${day} 起不再算`,
    waived: (reason: string) => `社区说：这一次不算了。${reason}`,
    told: (reason: string) => `您说明的情况：${reason}`,
    waiting: '等社区答复',
    answered: (answer: string) => `社区答复：${answer}`,
    tell: '说明情况',
    tellWhat: '当时是什么情况？',
    tellHint: (day: string) =>
      `比如住院、家里有急事，或者来了但没登记上。社区看过会给您答复。${day} 前都可以说。`,
    send: '告诉社区',
    notNow: '先不说',
    sent: '已告诉社区，有了答复会给您发消息。',
  },
  {
    title: 'Coming to class',
    who: 'Whose',
    none: 'Nothing was missed of late. Thank you!',
    sum: (times) => `Missed of late, all in all: ${times}`,
    how: (days) =>
      `Staying away without a word counts one, cancelling after the deadline a half. It halves every ${days} days until it is gone.`,
    howNot: 'Being excused, before the lesson or soon after it, does not count.',
    means: 'What it means',
    meansNothing: 'Nothing now.',
    meansMost: 'Nothing for most classes.',
    meansFrom: (limit, when) => `Classes that ask for no more than ${limit} are open from ${when}.`,
    entries: 'What counts',
    lesson: (number, day) => `Lesson ${number} · ${day}`,
    absent: 'Stayed away without a word',
    late: 'Cancelled after the deadline',
    weighs: (times, day) => `Counts ${times} now, nothing from ${day} on`,
    waived: (reason) => `The community does not count this one: ${reason}`,
    told: (reason) => `What you told: ${reason}`,
    waiting: 'Waiting for an answer',
    answered: (answer) => `The community's answer: ${answer}`,
    tell: 'Tell what happened',
    tellWhat: 'What happened?',
    tellHint: (day) =>
      `For example: in hospital, an emergency, or you came and were not marked. The community answers. Until ${day}.`,
    send: 'Send',
    notNow: 'Not now',
    sent: 'Sent. You will get a message with the answer.',
  },
)
