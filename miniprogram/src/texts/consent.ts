import { defineTexts } from './define'

/** WeChat's privacy question. */
export const t = defineTexts(
  {
    contract: '查看《用户隐私保护指引》全文',
    ask: '使用前，请您先看一下',
    askWhy:
      '接下来要用到您的手机号、相机或日历。我们只用来登录、签到和提醒上课；不同意也不影响看课程。',
    agree: '同意',
    disagree: '不同意',
  },
  {
    contract: 'Read the full privacy agreement',
    ask: 'Before we go on',
    askWhy:
      'Your phone number, camera or calendar is needed next, only to sign in, check in and remind you. Without it you can still look at classes.',
    agree: 'Agree',
    disagree: 'No',
  },
)
