import { defineTexts } from '@/texts/define'

/** What canteens' months came to, for everybody. */
export const t = defineTexts(
  {
    title: '食堂收支公示',
    lead: '每家食堂每个月做了多少餐、收了多少、花了多少，都在这里。',
    nothing: '还没有公示。食堂算好一个月的账，就会登在这里。',
    whichMonth: '看哪个月',
    meals: '用餐',
    portions: (count: number) => `${count} 份`,
    income: '个人自付',
    subsidy: '各级补贴',
    cost: '支出',
    left: '结余',
    about:
      '用餐份数按取餐和送达的登记统计，散客按人数算，不含个人信息；个人自付含散客，已减去退款。',
  },
  {
    title: 'Income and cost of canteens',
    lead: 'How many meals each canteen served in a month, what came in and what was spent.',
    nothing: 'Nothing is published yet. Months appear here once they are added up.',
    whichMonth: 'Which month',
    meals: 'Meals',
    portions: (count) => String(count),
    income: 'Paid by eaters',
    subsidy: 'Subsidies',
    cost: 'Spent',
    left: 'Left',
    about:
      'Meals are counted as they are collected or delivered, guests by head, without any name; guests’ cash counts, what was paid back is taken off.',
  },
)
