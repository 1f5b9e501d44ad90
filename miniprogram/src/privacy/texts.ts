import { APP_NAME } from '@/texts/app-name'
import { defineTexts } from '@/texts/define'

/** What is kept about people, why, and how to get it or have it gone. */
export const t = defineTexts(
  {
    title: '隐私与个人信息',
    intro: '这里用大白话说清楚：我们留什么、为什么留、您能怎么办。',
    kinds: [
      {
        name: '手机号',
        why: '用来登录。课程有变动、候补有了名额，按它找您。只有社区工作人员能看到完整号码。',
      },
      {
        name: '姓名、出生日期、性别',
        why: '老师点名、判断能报哪些课。性别可以不填。',
      },
      {
        name: '小区和门牌',
        why: '先显示家门口的课。门牌可以不填，需要上门时才用。手机号和门牌都加密保存。',
      },
      {
        name: '报名和签到',
        why: '留座位、排候补、签到。上课的老师能看到班上同学的姓名。',
      },
      {
        name: '家人',
        why: '谁同意谁代办，什么时候同意的。随时可以收回。',
      },
      {
        name: '位置',
        why: '只在您点“离我近”时问一次手机，精确到一百米左右，用来把近的场馆排在前面，用完不保存。',
      },
      {
        name: '留在这部手机上的',
        why: '最近看过的预约，您选的社区、字号和找房间的条件，没有网络时也能看。退出登录就清掉。',
      },
    ],
    never: '我们不拿这些信息做广告，不卖给任何人，也不读您的通讯录。',
    until: '注销账号后，姓名、电话、住址都会清空；上过的课只留人次，不留名字。',
    rights: '您可以',
    see: '看看我留下的信息',
    seeWhy: '全部列出来，可以下载',
    change: '改我的资料',
    changeWhy: '写错了随时改',
    remove: '注销账号',
    removeWhy: '清空个人信息，不能恢复',
    contract: '查看《用户隐私保护指引》全文',

    dataTitle: '我留下的信息',
    dataIntro: (day: string) => `这是 ${day} 系统里关于您的全部信息。`,
    dataMore: '有不对的，请在“我的资料”里改，或请社区工作人员改。',
    download: '下载成文件',
    copy: '复制全部',
    copied: '已复制，可以粘贴到别处',
    notCopied: '没能复制，请长按文字自己复制',
    downloaded: '已下载，请在浏览器的“下载”里查看',
    fileName: `我在${APP_NAME}留下的信息`,

    deleteTitle: '注销账号',
    deleteIntro: '注销以后：',
    deleteWhat: [
      '还没上的课会取消，名额让给排队的人；您替孩子报的课，没有别的家人代办的，也会取消。',
      '家人之间的代办同意全部结束，您不能再替家人报名，家人也不能再替您报名。',
      '姓名、手机号、出生日期、住址都会清空，消息和日历链接也会删除。',
      '上过的课只留人次，不留您的名字。',
    ],
    deleteForever: '注销后不能恢复。以后还想用，可以重新登录，从头开始。',
    deleteInstead: '只是不想在这部手机上用？退出登录就可以，不用注销。',
    understood: '我看明白了，要注销账号',
    goOn: '注销账号',
    sure: '最后确认一次：现在就注销吗？注销后不能恢复。',
    yes: '现在注销',
    deleted: `账号已注销，您的个人信息已经清空。谢谢您用过${APP_NAME}。`,
    home: '回到首页',
  },
  {
    title: 'Privacy and my data',
    intro: 'In plain words: what is kept, why, and what you can do about it.',
    kinds: [
      {
        name: 'Phone number',
        why: 'To sign you in and to reach you. Only community staff see the whole number.',
      },
      {
        name: 'Name, date of birth, gender',
        why: 'For the roll, and to tell which classes suit. Gender is optional.',
      },
      {
        name: 'Estate and door',
        why: 'To show what is nearby. The door is optional. Phone and door are kept encrypted.',
      },
      {
        name: 'Bookings and attendance',
        why: 'To hold your place, keep the queue and check you in. Teachers see the names in class.',
      },
      {
        name: 'Family',
        why: 'Who agreed that who books for them, and when. It can be taken back at any time.',
      },
      {
        name: 'Position',
        why: 'Asked of your phone only when you tap “Near me”, to about a hundred metres, to show near venues first. It is not kept.',
      },
      {
        name: 'On this phone',
        why: 'Bookings you looked at, your community, type size and wishes for a room, to be read offline. Signing out removes them.',
      },
    ],
    never: 'No advertising, no selling; your contacts are never read.',
    until:
      'When you delete your account, name, phone and address are blanked; classes you attended count without a name.',
    rights: 'You can',
    see: 'See what is stored about me',
    seeWhy: 'All of it, to download',
    change: 'Correct my details',
    changeWhy: 'Whenever something is wrong',
    remove: 'Delete my account',
    removeWhy: 'Blanks your data; cannot be undone',
    contract: 'Read the full privacy agreement',

    dataTitle: 'What is stored about me',
    dataIntro: (day) => `This is everything the system holds about you, as of ${day}.`,
    dataMore: 'If something is wrong, correct it under My details or ask the community staff.',
    download: 'Download as a file',
    copy: 'Copy all',
    copied: 'Copied',
    notCopied: 'It could not be copied. Press and hold the text to copy it yourself.',
    downloaded: 'Downloaded. Look in the downloads of your browser.',
    fileName: 'my-data-at-xingfu',

    deleteTitle: 'Delete my account',
    deleteIntro: 'When your account is deleted:',
    deleteWhat: [
      'Classes still ahead are cancelled and the places offered on, also those of children nobody else books for.',
      'All consents in your family end: nobody books for you, and you for nobody.',
      'Name, phone, date of birth and address are blanked; messages and the calendar link are gone.',
      'Classes you attended are counted without your name.',
    ],
    deleteForever: 'This cannot be undone. You may sign in again later and start afresh.',
    deleteInstead: 'Just leaving this phone? Signing out is enough.',
    understood: 'I have understood and want to delete my account',
    goOn: 'Delete my account',
    sure: 'One last time: delete it now? This cannot be undone.',
    yes: 'Delete now',
    deleted: 'Your account is deleted and your data is blanked. Thank you for having been here.',
    home: 'To the first page',
  },
)
