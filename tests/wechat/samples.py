"""A resident, two templates and a message, shared by the tests of this folder."""

from backend.wechat.client import WeChatClient

ALICE = "o-alice-000000000000000000001"
LESSON = "standin-lesson"
BOOKED = "standin-booked"
TEXTS = {
    "thing1": "太极拳入门班",
    "time2": "2026年11月28日 19:00",
    "thing3": "桃园社区二楼舞蹈室",
    "thing4": "请提前十分钟到",
}


def send(client: WeChatClient, openid: str = ALICE, **changed: str) -> int | None:
    """Send a lesson reminder, with some of its texts changed."""
    return client.send_subscribe_message(
        openid, LESSON, "pages/bookings/bookings?id=7", TEXTS | changed, "zh_CN"
    )
