"""The sentences of the courier's pages that phones keep; scripts fill in the %(names)s."""

from flask_babel import lazy_gettext as _

from admin.kept_texts import TEXTS as KEPT_TEXTS
from backend.canteen.delivery.wording import GONE, REASONS, STATES

TEXTS = {
    name: KEPT_TEXTS[name]
    for name in (
        "all_uploaded", "waiting", "sending", "trouble", "signed_out", "signed_out_idle", "others",
        "pending",
    )
} | {f"reason_{reason}": word for reason, word in REASONS.items()} | {
    f"gone_{why}": word for why, word in GONE.items()
} | dict(STATES) | {
    "offline": _("没有网络，可以照常送餐登记，记录保存在本机"),
    "nobody": _("请先联网登录，再送餐。"),
    "not_kept": _("这一趟没有保存在本机，请在有网络的地方打开一次。"),
    "none_kept": _("本机没有保存今天要送的"),
    "not_out": _("还没有出发，联网后点“出发”。"),
    "not_stored": _("这部手机存不下了，刚才的登记没有记下，请到有网络的地方再试。"),
    "refused": _("服务器没有接受这条登记，请联系配送调度。"),
    "bags": _("%(n)s 份"),
    "progress": _("已登记 %(done)s / %(bags)s 份"),
    "failed_n": _("没送到 %(n)s 份"),
    "back": _("已交回"),
    "who": _("%(name)s · %(n)s 份菜"),
    "note": _("备注：%(note)s"),
    "done_at": _("%(time)s 送到"),
    "failed_at": _("%(time)s 没送到：%(reason)s"),
    "gone_now": _("这一份已经退订或在窗口取走，不用送，请带回食堂。"),
    "wrong_code": _("取餐码不对。请再核对一次，或者拍照并写明谁收的。"),
    "no_photo": _("请先拍一张照片。"),
    "no_receiver": _("请写明是谁收的。"),
    "not_a_photo": _("这不是照片，请重新拍一张。"),
}  # fmt: skip
"""By what the scripts call them."""

RECEIVERS = (_("本人"), _("家人"), _("保姆"), _("邻居"), _("门卫"))
"""Who mostly takes a bag: one tap instead of typing."""
