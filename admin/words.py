"""The words staff read for states, kinds and roles."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from backend.canteen.eaters.wording import TEXTURES as TEXTURES
from backend.canteen.wording import ALLERGENS as ALLERGENS
from backend.canteen.wording import MEALS as MEALS
from backend.canteen.wording import TRAITS as TRAITS
from backend.night_school.fees import wording as fee_words
from backend.night_school.wording import PRESENCE as PRESENCE
from backend.standing import wording as missed_words

ROLE = {
    "manager": _("管理员"), "worker": _("社区工作者"), "teacher": _("授课老师"),
    "clerk": _("食堂文员"), "cook": _("厨师"), "dispatcher": _("配送调度"), "courier": _("送餐员"),
    "counter": _("取餐窗口"), "accountant": _("会计"),
}  # fmt: skip
BOOKING = {
    "requested": _("待审核"),
    "waiting": _("候补中"),
    "offered": _("待确认"),
    "confirmed": _("已报名"),
    "attended": _("已参加"),
    "missed": _("未到"),
    "cancelled": _("已取消"),
    "declined": _("未接受"),
}
RESERVATION = BOOKING | {
    "confirmed": _("已预约"),
    "attended": _("已签到"),
    "missed": _("没有来，已让出"),
    "declined": _("没有通过"),
}
SLOT = RESERVATION | {"missed": _("没有来"), "declined": _("没有接受")}
VISIT = RESERVATION | {
    "requested": _("等答复"),
    "confirmed": _("已定好"),
    "attended": _("已上门"),
    "missed": _("没人在家"),
    "declined": _("没有安排"),
}
RELATION = {"child": _("子女"), "parent": _("父母"), "spouse": _("配偶"), "other": _("其他亲友")}
GENDER = {"female": _("女"), "male": _("男")}
TONE = {
    "waiting": "amber",
    "requested": "amber",
    "offered": "orange",
    "confirmed": "green",
    "attended": "green",
    "missed": "grey",
    "cancelled": "grey",
    "declined": "grey",
}
"""The colour a booking's state is shown in, always beside its word."""


WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


def hours(weekly: Sequence[Mapping[str, Any]]) -> str:
    """周二、周四 19:00–20:30; hours at the same time of day stand together."""
    by_time: dict[tuple[str, str], list[str]] = {}
    for one in weekly:
        days = by_time.setdefault((one["from_time"], one["until_time"]), [])
        days.append(str(WEEKDAYS[one["weekday"]]))
    return str(_("；")).join(
        f"{str(_('、')).join(days)} {start}–{end}" for (start, end), days in by_time.items()
    )


def device(agent: str | None) -> str:
    """A browser's own description, as people call the thing in their hand."""
    known = {
        "iPad": _("iPad 平板"),
        "iPhone": _("iPhone 手机"),
        "Android": _("安卓设备"),
        "Windows": _("Windows 电脑"),
        "Macintosh": _("苹果电脑"),
        "Linux": _("Linux 电脑"),
    }
    return str(next((name for key, name in known.items() if key in (agent or "")), _("未知设备")))


BECAME = missed_words.BECAME
MISSED = missed_words.WHY
FEE = fee_words.STATE
FEE_TONE = fee_words.TONE
FEE_METHOD = fee_words.METHOD
FEE_SUMS = {
    "unpaid": _("待交"),
    "paid": _("已交"),
    "to_refund": _("待退"),
    "refunded": _("已退"),
    "waived": _("减免"),
}


def fee_choices(was: str, states: Iterable[str]) -> list[tuple[str, str]]:
    """The states a fee may be marked as that stands as it `was`, with their words."""
    return [(str(state), str(fee_words.BECOMES.get((was, state), FEE[state]))) for state in states]


ACTION = {
    "attendance.all_present": _("全部签到"),
    "attendance.decide": _("核对现场记录"),
    "attendance.made_up": _("登记补课课次"),
    "attendance.mark": _("登记考勤"),
    "attendance.scan": _("扫码签到"),
    "attendance.undo": _("撤销考勤"),
    "booking.accept": _("替居民确认名额"),
    "booking.book": _("替居民报名"),
    "booking.cancel": _("替居民取消报名"),
    "booking.decline": _("替居民放弃名额"),
    "booking.transfer": _("替居民换班"),
    "call.tick_off": _("完成电话通知"),
    "class.cancel": _("取消班级"),
    "class.capacity": _("调整名额"),
    "class.copy": _("从别的学期复制班级"),
    "class.deadline": _("更改取消期限"),
    "class.hand_over": _("移交授课班级"),
    "class.extend": _("延长报名"),
    "class.minimum": _("设置开班人数"),
    "class.move_lessons": _("一起调整几次课"),
    "class.plan": _("排课开班"),
    "class.run_anyway": _("人数不足照常开班"),
    "class.publish": _("发布班级"),
    "class.rules": _("修改报名条件"),
    "group.register": _("登记团队"),
    "group.change": _("修改团队登记"),
    "group.member": _("登记团队成员"),
    "group.remove": _("移出团队成员"),
    "group.end": _("注销团队"),
    "reservation.book": _("替居民预约房间"),
    "reservation.cancel": _("取消房间预约"),
    "reservation.come": _("登记预约到场"),
    "reservation.move": _("调整房间预约"),
    "room.parts": _("设置房间由哪几间拼成"),
    "series.approve": _("通过固定预约的申请"),
    "series.decline": _("不通过固定预约的申请"),
    "series.book": _("替居民固定预约房间"),
    "series.cancel": _("取消固定预约"),
    "series.move": _("改固定预约的时间"),
    "series.put_back": _("补约固定预约的一次"),
    "category.note": _("登记补贴身份"),
    "category.end": _("取消补贴身份"),
    "canteen_month.cost": _("填写食堂月支出"),
    "canteen_month.publish": _("公示食堂月收支"),
    "canteen_month.take_back": _("撤回食堂月公示"),
    "claim.create": _("起草结算单"),
    "claim.discard": _("删除结算单草稿"),
    "claim.freeze": _("结算单定稿"),
    "claim.judge": _("核定是否申报"),
    "person.left": _("登记去世或迁出"),
    "person.not_left": _("取消去世或迁出登记"),
    "subsidy.create": _("新建补贴规则"),
    "subsidy.draft": _("起草补贴规则"),
    "subsidy.discard": _("删除补贴规则草稿"),
    "subsidy.publish": _("发布补贴规则"),
    "subsidy.stop": _("设置补贴规则停用日期"),
    "standing.granted": _("同意情况说明，不再计入"),
    "standing.declined": _("答复情况说明，照常计入"),
    "standing.waived": _("缺席不再计入"),
    "class.schedule": _("定时发布班级"),
    "class.unschedule": _("撤回定时发布"),
    "draw.apply": _("帮居民登记志愿"),
    "draw.change": _("修改摇号规则"),
    "draw.close": _("固定摇号名单"),
    "draw.commit": _("生成摇号种子"),
    "draw.conduct": _("摇号"),
    "draw.create": _("新建摇号"),
    "draw.delete": _("删除摇号"),
    "draw.finish": _("摇号并公布结果"),
    "draw.number": _("改用之后的号码"),
    "draw.publish": _("公布摇号"),
    "draw.runs": _("选择摇号的班级"),
    "draw.withdraw": _("帮居民撤回登记"),
    "consent.withdraw": _("解除代办"),
    "consent.witness": _("见证代办同意"),
    "enrolment.cancel": _("取消学员报名"),
    "class.push_line": _("通知候补居民"),
    "enrolment.offer_on": _("名额让给候补"),
    "certificate.issue": _("生成结业证书"),
    "enrolment.pass_over": _("先让后面的候补报名"),
    "enrolment.release": _("让出保留的名额"),
    "lesson.add": _("加课"),
    "fee.mark": _("登记交费"),
    "lesson.cancel": _("取消课次"),
    "lesson.move": _("调整课次"),
    "lesson.put_back": _("恢复课次"),
    "person.change": _("更正居民资料"),
    "person.diet": _("登记饮食情况"),
    "person.merge": _("合并重复档案"),
    "person.not_same": _("标记不是同一人"),
    "person.register": _("登记居民"),
    "person.show_phone": _("查看手机号"),
    "standing_order.end": _("结束固定订餐"),
    "standing_order.pause": _("暂停固定订餐"),
    "standing_order.put_back": _("固定订餐恢复一天"),
    "standing_order.resume": _("恢复固定订餐"),
    "standing_order.set_up": _("办理固定订餐"),
    "standing_order.skip": _("固定订餐跳过一天"),
    "standing_order.try_again": _("再试没订上的餐"),
    "staff.change_password": _("更改密码"),
    "staff.create": _("新增工作人员"),
    "staff.end_sign_in": _("退出一台设备"),
    "staff.end_sign_ins": _("退出全部设备"),
    "staff.grant": _("添加岗位"),
    "staff.language": _("切换语言"),
    "staff.leave": _("办理离岗"),
    "staff.locked_out": _("账号锁定"),
    "staff.rename": _("更改姓名"),
    "staff.reset_password": _("重置密码"),
    "staff.sign_in": _("登录"),
    "staff.sign_out": _("退出登录"),
    "staff.withdraw": _("撤销岗位"),
    "teacher_link.create": _("发老师链接"),
    "teacher_link.revoke": _("收回老师链接"),
    "template.delete": _("删除班级模板"),
    "template.save": _("存为班级模板"),
    "reservation.keep_outside": _("照常接待开放时间以外的预约"),
    "reservation.end_outside": _("取消开放时间以外的预约"),
    "room_block.create": _("停用房间"),
    "room_block.remove": _("恢复使用房间"),
    "room_request.approve": _("通过场地申请"),
    "room_request.decline": _("不通过场地申请"),
    "home_visit.approve": _("同意上门服务"),
    "home_visit.book": _("替居民定上门服务"),
    "home_visit.decline": _("答复不能上门"),
    "home_visit.end": _("登记上门的结果"),
    "home_visit.route": _("打开上门路线单"),
    "home_visit.show_phone": _("查看上门电话"),
    "home_visit.time": _("另定上门时间"),
    "slot.book": _("替居民预约集市"),
    "slot.change": _("替居民改集市的时间"),
    "market_day.cancel": _("取消集市"),
    "market_day.change": _("修改集市"),
    "market_day.create": _("新建集市"),
    "market_template.change": _("修改每月照办"),
    "market_template.create": _("设为每月照办"),
    "market_template.end": _("停止每月照办"),
    "market_template.stalls": _("修改每月照办的摊位"),
    "market_day.move": _("集市改期或换地方"),
    "market_day.open": _("开放集市"),
    "stall.change": _("改摊位"),
    "stall.create": _("加摊位"),
    "stall.remove": _("去掉摊位"),
    "stall.pause": _("摊位休息"),
    "stall.go_on": _("摊位继续"),
    "stall.hours": _("更正服务时长"),
    "stall.close": _("摊位收摊"),
    "menu.change": _("修改菜单"),
    "menu.publish": _("发布菜单"),
    "meal.cancel": _("停餐"),
    "meal.replace": _("换菜"),
    "meal.count": _("出餐台记数"),
    "meal.labels": _("打印标签"),
    "delivery.assign": _("安排送餐员"),
    "delivery.boxes": _("配送饭盒记数"),
    "delivery.bring": _("人数不够，照样送"),
    "delivery.fetch": _("送餐改为自取"),
    "delivery.give_back": _("人数不够，退餐"),
    "delivery.move": _("送餐换一趟"),
    "delivery.order": _("配送重新排顺序"),
    "delivery.place": _("送餐地址补填"),
    "run.claim": _("领一趟送餐"),
    "run.give_back": _("退回一趟送餐"),
    "run.leave": _("送餐出发"),
    "run.back": _("送餐交回"),
    "stop.failed": _("登记没送到"),
    "stop.undo": _("撤销没送到"),
    "stop.gone": _("送餐时发现已退订"),
    "courier.skill": _("登记送餐员证件"),
    "ticket.call": _("叫号"),
    "ticket.create": _("发号"),
    "ticket.no_show": _("叫号没有来"),
    "ticket.recall": _("再叫一次"),
    "ticket.serve": _("服务完成"),
    "ticket.skip": _("过号"),
    "meal_account.grant": _("餐卡发放补助"),
    "meal_account.opening": _("餐卡期初余额导入"),
    "meal_account.refund": _("餐卡退款"),
    "meal_account.take_back": _("餐卡冲正"),
    "meal_account.top_up": _("餐卡充值"),
    "meal.conflict": _("断网取餐有冲突"),
    "meal.settle": _("核对断网取餐"),
    "meal.serve": _("登记取餐"),
    "meal.unserve": _("撤销取餐"),
    "meal_account.transfer": _("餐卡退款（银行转账）"),
    "meal_closing.begin": _("停办退款：开始"),
    "meal_closing.list": _("停办退款：列名单"),
    "meal_closing.pay": _("停办退款：退一批"),
    "meal_closing.way": _("停办退款：改现金或转账"),
    "meal_order.create": _("替居民订餐"),
    "meal_order.walk_in": _("现场加餐"),
    "guest_sale.sell": _("卖给散客"),
    "guest_sale.take_back": _("撤销散客的餐"),
    "meal_order.change": _("改订餐"),
    "meal_order.cancel": _("退订餐"),
    "meal_order.refund": _("退还餐费"),
    "absence.announce": _("登记不在家"),
    "absence.take_back": _("取消不在家的登记"),
    "welfare.add": _("补充核实情况"),
    "welfare.close": _("结束关爱核实"),
    "welfare.log": _("记录核实经过"),
    "welfare.open": _("开始关爱核实"),
    "welfare.show_phones": _("查看核实用的电话"),
    "table.change": _("更改基础数据"),
    "table.create": _("新增基础数据"),
    "table.picture": _("更换图片"),
    "till.close": _("现金结账"),
}
"""What the audit calls each thing that staff do."""

REASON = {
    "merged": _("合并重复档案"),
    "bookable_cancelled": _("班级取消"),
    "market_moved": _("集市或摊位改了时间地点"),
    "no_longer_fits": _("改期后不再合适"),
    "offer_expired": _("超过确认时间"),
    "drawn": _("摇号"),
    "ruled_out": _("已有别的班"),
    "transferred": _("换到另一个班"),
    "wish_changed": _("更改等候期限"),
    "wish_over": _("等候期限已到"),
    "changed": _("更改时间"),
    "not_come": _("过了签到时间，房间已让出"),
    "ended_early": _("提前结束"),
    "member_left": _("预约的人退出团队，转给负责人"),
    "competing": _("安排给了别的申请"),
    "undecided": _("开始前没有审核"),
    "amended": _("改订"),
    "despite_diet": _("忌口已核对，仍要订"),
}
"""The reasons that the system itself gives in a booking's history."""

FIELD = {
    "account_ids": _("账号"),
    "address": _("门牌"),
    "birth_date": _("出生日期"),
    "booking_id": _("报名编号"),
    "amount_fen": _("金额"),
    "bookings": _("报名记录"),
    "cancel_until": _("取消期限"),
    "capacity": _("名额"),
    "counted_fen": _("清点"),
    "expected_fen": _("应有"),
    "consents": _("代办"),
    "at": _("时间"),
    "changed": _("改了什么"),
    "count": _("份数"),
    "credited_fen": _("退差价"),
    "day": _("日期"),
    "decision": _("决定"),
    "device": _("设备"),
    "most_missed": _("缺席不超过几次"),
    "occasion_id": _("课次编号"),
    "cap_fen": _("每餐最多"),
    "categories": _("证明"),
    "category": _("身份"),
    "city": _("市级"),
    "community": _("社区"),
    "day_fen": _("每天最多"),
    "day_meals": _("每天最多几餐"),
    "district": _("区级"),
    "ends_on": _("结束日期"),
    "fixed_fen": _("固定金额"),
    "from": _("并入的档案"),
    "gender": _("性别"),
    "home_place_id": _("小区"),
    "into": _("保留的档案"),
    "language": _("语言"),
    "late": _("逾期取消"),
    "lessons": _("课次"),
    "left": _("离岗"),
    "link_id": _("老师链接"),
    "marks": _("考勤"),
    "meal_service_id": _("餐次编号"),
    "mode": _("用餐方式"),
    "dish": _("菜品"),
    "dishes": _("菜品"),
    "made": _("订上的"),
    "meal": _("餐次"),
    "orders": _("订单"),
    "people": _("人数"),
    "reasons": _("原因"),
    "stage": _("步骤"),
    "staff_id": _("工作人员编号"),
    "standing_order": _("固定订餐编号"),
    "was": _("原来的"),
    "week": _("哪一周"),
    "weekdays": _("星期"),
    "pays_fen": _("自付"),
    "minimum": _("开班人数"),
    "method": _("方式"),
    "meals": _("餐次"),
    "min_age": _("最小年龄"),
    "max_age": _("最大年龄"),
    "min_spend_fen": _("满多少才补"),
    "modes": _("用餐方式"),
    "name": _("姓名"),
    "on_list": _("按原价算"),
    "parts": _("补多少"),
    "payers": _("由谁出"),
    "percent": _("比例"),
    "payer": _("由谁出"),
    "month": _("月份"),
    "cost_fen": _("支出（分）"),
    "income_fen": _("个人自付（分）"),
    "subsidy_fen": _("补贴（分）"),
    "first": _("从哪天"),
    "last": _("到哪天"),
    "claims": _("申报"),
    "corrections": _("更正笔数"),
    "fen": _("金额"),
    "sha256": _("原文校验码"),
    "departure": _("去世或迁出"),
    "left_on": _("哪一天"),
    "rule_name": _("规则名称"),
    "second_portion": _("第二份也补"),
    "starts_on": _("生效日期"),
    "street": _("街道"),
    "version": _("版本"),
    "week_fen": _("每周最多"),
    "week_meals": _("每周最多几餐"),
    "note": _("备注"),
    "outcome": _("结果"),
    "checked": _("已核实"),
    "minutes": _("分钟"),
    "offered_to": _("通知人数"),
    "overbooked": _("超额"),
    "person_id": _("居民编号"),
    "phone": _("手机"),
    "place_id": _("地点"),
    "provider_id": _("服务者编号"),
    "published_at": _("发布时间"),
    "reason": _("原因"),
    "receipt": _("收据号"),
    "until": _("用到"),
    "relation": _("关系"),
    "role": _("角色"),
    "roles": _("岗位"),
    "room_id": _("房间编号"),
    "rooms": _("房间"),
    "starts_at": _("开始时间"),
    "ends_at": _("结束时间"),
    "skipped": _("跳过的日期"),
    "stall_id": _("摊位编号"),
    "state": _("状态"),
    "teacher_id": _("老师编号"),
    "successor_id": _("接手人"),
    "username": _("用户名"),
}
"""What the audit calls the facts it keeps; others are shown by their own name."""


def action(code: str) -> str:
    """What was done, in words."""
    return str(ACTION.get(code, code))


def reason(code: str) -> str:
    """Why a booking changed: a sentence of staff's own, or one of the system's reasons."""
    return str(REASON.get(code, code))


def how_long(minutes: int) -> str:
    """A span in the largest unit that fills it: 50 分钟, 3 小时, 2 天."""
    if minutes < 60:
        return str(_("%(n)s 分钟", n=minutes))
    if minutes < 48 * 60:
        return str(_("%(n)s 小时", n=minutes // 60))
    return str(_("%(n)s 天", n=minutes // (24 * 60)))


def field(name: str) -> str:
    """What a fact in the audit is called."""
    return str(FIELD.get(name, name))


PURSE = {"grant": _("补助"), "family": _("家人充的"), "cash": _("自己充的")}
"""Whose money it is."""


SUBJECT = {
    "booking": _("报名记录"),
    "calendar_day": _("放假和调休"),
    "closure": _("停课安排"),
    "course": _("课程"),
    "course_category": _("课程分类"),
    "course_run": _("班级"),
    "draw": _("摇号"),
    "guest_sale": _("散客的餐"),
    "lesson": _("一次课"),
    "notice": _("公告"),
    "person": _("居民"),
    "place": _("地点"),
    "reminder": _("通知"),
    "room": _("房间"),
    "series": _("固定预约"),
    "venue": _("场馆"),
    "welfare_case": _("关爱核实"),
    "grid_worker": _("网格员"),
    "room_block": _("停用安排"),
    "room_rules": _("预约规则"),
    "opening_day": _("开放调整"),
    "market_day": _("集市"),
    "canteen": _("食堂"),
    "meal_claim": _("结算单"),
    "meal_service": _("餐次"),
    "delivery_run": _("配送趟次"),
    "delivery_stop": _("送餐"),
    "delivery_setting": _("送餐设置"),
    "building_facts": _("楼栋送餐情况"),
    "courier_skill": _("送餐员证件"),
    "market_service": _("集市服务"),
    "market_template": _("每月照办的集市"),
    "provider": _("集市服务者"),
    "provider_paper": _("服务者证件"),
    "provider_service": _("服务者的服务"),
    "stall": _("摊位"),
    "ticket": _("排队号"),
    "run_template": _("班级模板"),
    "staff": _("工作人员"),
    "subsidy_rule": _("补贴规则"),
    "teacher": _("授课老师"),
    "term": _("学期"),
}
"""What the audit calls the kinds of things that rows are about."""
