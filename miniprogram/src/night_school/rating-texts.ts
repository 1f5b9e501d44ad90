import { defineTexts } from '@/texts/define'

/** Words about rating lessons. */
export const t = defineTexts(
  {
    title: '评价课程',
    intro: '这次课上得怎么样？评价只有社区工作人员看，老师看不到是谁写的。',
    which: '评价哪次课？',
    lesson: (number: number, when: string) => `第 ${number} 次课 ${when}`,
    rated: (stars: string) => `已评价：${stars}`,
    how: '您觉得怎么样？',
    stars: ['很不满意', '不太满意', '一般', '满意', '非常满意'],
    comment: '想对社区说的话（可以不写）',
    send: '提交评价',
    change: '修改评价',
    done: '谢谢您的评价！',
    none: '还没有可以评价的课。上过课以后，两周内可以来评价。',
    closed: '课后两周内可以评价，更早的课已经过了时间。',
  },
  {
    title: 'Rate the lessons',
    intro:
      'How was the lesson? Only the community staff read this; the teacher does not see who wrote it.',
    which: 'Which lesson?',
    lesson: (number: number, when: string) => `Lesson ${number}, ${when}`,
    rated: (stars: string) => `Rated: ${stars}`,
    how: 'How did you like it?',
    stars: ['Not at all', 'Not much', 'So-so', 'Good', 'Very good'],
    comment: 'A word to the community staff (if you like)',
    send: 'Send',
    change: 'Change the rating',
    done: 'Thank you!',
    none: 'There is nothing to rate yet. A lesson can be rated for two weeks after it.',
    closed: 'A lesson can be rated for two weeks; earlier ones no more.',
  },
)
