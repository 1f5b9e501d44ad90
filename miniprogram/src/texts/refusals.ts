/** Every refusal of the API's table: what it is called, and what can be done next. */
import { language } from '@/state/settings'

import { defineTexts } from './define'

/** Where a refusal leads; `components/RefusalPanel.vue` knows the way. */
export type Next =
  | 'back' // to the page before
  | 'bookings' // to one's bookings, or the one that `data.booking_id` names
  | 'call' // a telephone with a person behind it
  | 'checkIn' // to scanning the class's code
  | 'home'
  | 'homePlace' // to where one lives
  | 'household' // to the family
  | 'opens' // wait: `data.opens_at` says until when
  | 'others' // to other classes of the course, else to all
  | 'phone' // to one's phone number
  | 'profile' // to one's name and birth date
  | 'retry' // the same once more
  | 'signIn'
  | 'standing' // to what one missed of late

interface Refusal {
  zh: string
  en: string
  next: Next[]
}

const refusal = (zh: string, en: string, ...next: Next[]): Refusal => ({ zh, en, next })

/** By errcode; a test holds the codes against the API's own table. */
export const REFUSALS: Record<number, Refusal> = {
  40000: refusal('没有办成', 'That did not work', 'back', 'call'),
  40001: refusal('请更新后再试', 'Please update', 'retry', 'home'),
  40100: refusal('请先登录', 'Please sign in', 'signIn'),
  40101: refusal('登录已过期', 'Your sign-in has run out', 'signIn'),
  40102: refusal('请重新登录', 'Please sign in again', 'signIn'),
  40103: refusal('验证码不对', 'That code is not right', 'retry'),
  40300: refusal('这项业务您不能办', 'Not yours to do', 'call', 'home'),
  40400: refusal('没有找到', 'Not found', 'back', 'others'),
  40500: refusal('请更新后再试', 'Please update', 'home'),
  40900: refusal('现在不能预约', 'Cannot be booked now', 'others', 'call'),
  40901: refusal('这个班取消了', 'This class is cancelled', 'others', 'call'),
  40902: refusal('还没开始报名', 'Sign-up has not opened', 'opens', 'others'),
  40903: refusal('这个班不再报名了', 'Sign-up has closed', 'others', 'call'),
  40904: refusal('名额满了', 'This class is full', 'others'),
  40905: refusal('已经报过名了', 'Already signed up', 'bookings'),
  40906: refusal('年龄还没到', 'Not old enough', 'others', 'profile'),
  40907: refusal('超过年龄了', 'Past the greatest age', 'others', 'profile'),
  40908: refusal('还缺出生日期', 'The birth date is missing', 'profile', 'call'),
  40909: refusal('只面向本地居民', 'For local residents only', 'homePlace', 'others'),
  40910: refusal('过了取消期限', 'Past the deadline', 'bookings', 'call'),
  40911: refusal('这项预约已经结束', 'This booking has ended', 'bookings', 'others'),
  40912: refusal('名额已经让给下一位', 'The offer is gone', 'bookings', 'others'),
  40913: refusal('名额太少', 'Too few places', 'call'),
  40914: refusal('还没有确认的名额', 'No confirmed place', 'bookings', 'call'),
  40915: refusal('现在不能签到', 'Check-in is not open', 'bookings', 'call'),
  40916: refusal('签到码已更新', 'The code has changed', 'checkIn'),
  40917: refusal('没有找到签到码', 'Code not found', 'bookings', 'checkIn'),
  40918: refusal('场地已被占用', 'The room is taken', 'back', 'call'),
  40924: refusal('剩下的名额不够', 'Too few places for all', 'others'),
  40925: refusal('同行的人太多', 'Too many people together', 'back', 'others'),
  40926: refusal('有人您不能代办', 'Not all are yours to act for', 'bookings', 'household'),
  40930: refusal('这次课取消了', 'This lesson is cancelled', 'bookings', 'call'),
  40931: refusal('不是这个班的签到码', 'The code of another class', 'bookings', 'call'),
  40932: refusal('报名已取消', 'This enrolment was cancelled', 'bookings', 'others'),
  40933: refusal('还在候补', 'Still waiting for a place', 'bookings', 'call'),
  40934: refusal('请选择为谁签到', 'Who is checking in?', 'checkIn'),
  40935: refusal('没有可以撤销的', 'Nothing to undo', 'back'),
  40937: refusal('别人刚刚改过', 'Changed by somebody else', 'back'),
  40940: refusal('家人名单满了', 'Your family list is full', 'household'),
  40941: refusal('已经在名单里', 'Already on your list', 'household'),
  40942: refusal('已经成年', 'Of age already', 'household'),
  40943: refusal('这是您自己的手机号', 'Your own phone number', 'back'),
  40944: refusal('这个问题过期了', 'That question has run out', 'signIn', 'call'),
  40945: refusal('还没开通短信登录', 'No sign-in by text message', 'call', 'home'),
  40950: refusal('工作人员账号', 'A staff account', 'call'),
  40960: refusal('不在候补中', 'Not on a waiting list', 'bookings'),
  40961: refusal('请选择谁换班', 'Say who changes', 'bookings', 'call'),
  40962: refusal('不是同一门课', 'Not the same course', 'others'),
  40969: refusal('现在不能请假', 'Cannot be excused now', 'call'),
  40970: refusal('时间冲突', 'At the same time', 'bookings'),
  40972: refusal('现在不用决定', 'Nothing to decide', 'back'),
  40975: refusal('课程还没有结束', 'The class is not over', 'bookings'),
  40976: refusal('还没有达到结业要求', 'Not enough lessons', 'call', 'bookings'),
  40977: refusal('上过课才能评价', 'Only who was there', 'bookings'),
  40978: refusal('评价时间已过', 'Too late to rate', 'bookings'),
  40980: refusal('现在由附近居民先报', 'Neighbours come first now', 'homePlace', 'others'),
  40981: refusal('要先上另一门课', 'Another course comes first', 'others', 'call'),
  40982: refusal('一年只能报一次', 'Once a year', 'bookings', 'others'),
  40983: refusal('这学期报满了', 'Enough for this term', 'bookings'),
  40984: refusal('先缓一缓再报', 'Not quite yet', 'standing', 'others'),
  40987: refusal('不用说明了', 'Nothing to tell', 'standing'),
  40988: refusal('过了说明的日子', 'Too late to tell', 'call'),
  40989: refusal('已经说明过了', 'Told already', 'standing'),
  40990: refusal('这个班要摇号', 'Places are drawn', 'others'),
  40993: refusal('结果已经公布', 'It has been drawn', 'bookings'),
  40999: refusal('已经有班了', 'You have a class already', 'bookings'),
  409100: refusal('现在不能预约', 'Not now', 'back'),
  409101: refusal('结束要晚于开始', 'The end comes first', 'back'),
  409102: refusal('由工作人员安排', 'Given by staff', 'call'),
  409103: refusal('只面向附近居民', 'For people nearby', 'back', 'homePlace'),
  409104: refusal('这个时间过了', 'That time has passed', 'back'),
  409105: refusal('来不及准备了', 'Too soon', 'back', 'call'),
  409106: refusal('这一天还没开放', 'Not open yet', 'back'),
  409107: refusal('这个时间不开放', 'Closed then', 'back'),
  409108: refusal('中间要关门', 'It closes in between', 'back'),
  409109: refusal('时间没有对上', 'Not one of the times', 'back'),
  409110: refusal('按整天预约', 'By the day', 'back'),
  409111: refusal('时间太短', 'Too short', 'back'),
  409112: refusal('时间太长', 'Too long', 'back'),
  409113: refusal('这个时间有人用', 'In use then', 'back'),
  409114: refusal('离前后一场太近', 'Too close to another', 'back'),
  409115: refusal('人数太多', 'Too many people', 'back'),
  409116: refusal('预约够多了', 'Enough reservations', 'bookings'),
  409117: refusal('一家人的预约够多了', 'Enough for a household', 'bookings'),
  409118: refusal('这一周够多了', 'Enough this week', 'back'),
  409119: refusal('一家人这一周够多了', 'Enough for a household this week', 'back'),
  409120: refusal('先填家庭住址', 'Your home first', 'homePlace'),
  409121: refusal('过了更改期限', 'Too late to change', 'bookings'),
  409122: refusal('房间已经让出', 'The room was let go', 'back', 'bookings'),
  409123: refusal('还没到签到时间', 'Check-in is not open yet', 'back', 'bookings'),
  409124: refusal('没有您的预约', 'Nothing reserved here', 'bookings', 'call'),
  409125: refusal('还没有签到', 'Not checked in', 'bookings'),
  409130: refusal('这个申请已经处理过', 'Already decided', 'bookings'),
  409131: refusal('申请还在审核', 'Waiting for approval', 'bookings'),
  409140: refusal('有几次约不上', 'Some dates are not free', 'back'),
  409141: refusal('这里要一次一次约', 'One at a time here', 'call', 'back'),
  409142: refusal('次数太多了', 'Too many dates', 'back'),
  409143: refusal('一次也约不上', 'No dates', 'back'),
  409144: refusal('这一次不用补', 'Nothing to put back', 'bookings'),
  409150: refusal('只给登记的团队', 'For groups only', 'back', 'call'),
  409151: refusal('只面向附近的团队', 'For groups nearby', 'back', 'call'),
  409152: refusal('团队登记已失效', 'Not registered any more', 'call', 'back'),
  409153: refusal('团队的预约够多了', 'Enough for the group', 'bookings'),
  409154: refusal('团队这一周够多了', 'Enough for the group this week', 'back'),
  409155: refusal('还没有别的负责人', 'No other leader', 'back', 'call'),
  409156: refusal('负责人才可以', 'For the leader', 'back'),
  409175: refusal('社区已经答复过了', 'Answered already', 'call', 'standing'),
  409200: refusal('现在办不了', 'Not possible now', 'back'),
  409205: refusal('已经有人预约', 'Somebody has booked', 'back'),
  409210: refusal('当天已经约过', 'Booked that day already', 'bookings'),
  409211: refusal('这个时段已经开始', 'The slot has begun', 'back'),
  409212: refusal('还没到预约时间', 'Not open yet', 'opens'),
  409213: refusal('年龄不符合', 'Not this age', 'back', 'call'),
  409214: refusal('先填出生日期', 'A date of birth first', 'profile'),
  409215: refusal('只为附近居民服务', 'For neighbours only', 'back', 'homePlace'),
  409216: refusal('集市已经取消', 'The market is cancelled', 'back'),
  409221: refusal('还没到取号时间', 'No numbers yet', 'opens'),
  409222: refusal('已经收摊', 'The stall has closed', 'back'),
  409224: refusal('摊位在休息', 'The stall pauses', 'retry'),
  409230: refusal('收摊前可能轮不到', 'Maybe too late', 'back'),
  409231: refusal('转不过去', 'Not to that stall', 'back'),
  409243: refusal('先填住哪个小区', 'Where you live first', 'homePlace'),
  409247: refusal('有人约好了', 'Somebody has booked', 'back'),
  409250: refusal('请填写上门地址', 'An address, please', 'back'),
  409251: refusal('不提供上门', 'No home visits', 'back'),
  409254: refusal('取号码过时了', 'An old code', 'back'),
  409300: refusal('食堂办不了', 'Not possible now', 'back'),
  409320: refusal('餐卡办不了', 'Not possible now', 'back'),
  409321: refusal('餐卡余额不够', 'Too little on the account', 'call', 'back'),
  41300: refusal('内容太大', 'Too large', 'back'),
  42200: refusal('有些内容要改一改', 'Some answers need a change', 'back'),
  42201: refusal('与刚才提交的不一样', 'Not what was sent before', 'back', 'bookings'),
  42203: refusal('没有找到这位居民', 'No such resident', 'phone', 'call'),
  42250: refusal('用户名或密码不对', 'Wrong name or password', 'retry'),
  42900: refusal('操作太频繁', 'Too many tries', 'retry'),
  42901: refusal('验证码刚刚发出', 'A code was just sent', 'retry'),
  42902: refusal('获取验证码太多次', 'Too many codes', 'call'),
  50000: refusal('系统出了点问题', 'Something went wrong', 'retry', 'call'),
  50300: refusal('微信没有回应', 'WeChat does not answer', 'retry'),
  50301: refusal('短信发不出去', 'The message was not sent', 'retry', 'call'),
}

/** The refusal with this code; one that this version does not know yet is a plain no. */
export const refusalOf = (errcode: number): Refusal => REFUSALS[errcode] ?? REFUSALS[40000]!

/** What a refusal is called, in a few words. */
export const titleOf = (errcode: number): string => refusalOf(errcode)[language.value]

export const t = defineTexts(
  {
    back: '返回',
    booking: '看这项预约',
    bookings: '看我的预约',
    call: (number: string) => `打电话 ${number}`,
    callWho: '可以到社区工作站，或打电话请工作人员帮忙。',
    checkIn: '重新扫码',
    home: '回首页',
    homePlace: '填写我住的小区',
    household: '看家人名单',
    opens: (when: string) => `${when} 开始报名，到时候再来就行。`,
    others: '看看别的课',
    otherRooms: '看看别的房间',
    sameCourse: '看看同一门课的其他班',
    phone: '绑定手机号',
    profile: '核对我的资料',
    relative: '家人的出生日期和住址，请本人在自己的手机上填写，或到社区登记。',
    retry: '再试一次',
    signIn: '登录',
    standing: '看出勤情况',
  },
  {
    back: 'Back',
    booking: 'See this booking',
    bookings: 'My bookings',
    call: (number) => `Call ${number}`,
    callWho: 'The community office can help, at its desk or on the phone.',
    checkIn: 'Scan again',
    home: 'Home',
    homePlace: 'Say where I live',
    household: 'My family',
    opens: (when) => `Sign-up opens ${when}. Come back then.`,
    others: 'Other classes',
    otherRooms: 'Other rooms',
    sameCourse: 'Other classes of this course',
    phone: 'Add my phone number',
    profile: 'Check my details',
    relative:
      'Your relative fills in birth date and address on their own phone, or at the community office.',
    retry: 'Try again',
    signIn: 'Sign in',
    standing: 'See what was missed',
  },
)
