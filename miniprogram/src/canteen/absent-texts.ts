import { defineTexts } from '@/texts/define'

/** Not at home when a meal is brought. */
export const t = defineTexts(
  {
    lead: '会送到家，请留人接餐。没有人应，送餐员会打电话、问邻居，再联系家里人。',
    announce: (day: string) => `${day}不在家`,
    means: '说一声，就不用到处找了。订的餐照常送，不要了请在截止前退订。',
    done: (who: string, day: string) => `记下了：${day}，${who}不在家。送餐没有人应，不会到处找。`,
    back: '改成在家',
    backDone: '记下了：在家。',
    you: '您',
  },
  {
    lead: 'It is brought home: please have somebody there. If nobody answers, the courier rings, asks neighbours and then the family.',
    announce: (day: string) => `Not at home on ${day}`,
    means:
      'Say so, and nobody is looked for. The meal is still brought; cancel it in time if it is not wanted.',
    done: (who: string, day: string) =>
      `Noted: ${who} not at home on ${day}. If nobody answers, nobody is looked for.`,
    back: 'At home after all',
    backDone: 'Noted: at home.',
    you: 'you are',
  },
)
