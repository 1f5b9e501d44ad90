"""The plain protocol of rehearsals: one POST with the phone and the text.

The demo's phones speak it. Production refuses to start with it: it has no proof of who sends.
"""

import httpx
import orjson

from backend.sms.errors import SmsFailed
from backend.sms.facts import Unanswered
from backend.sms.wire import Wire

PATH = "/sms/messages"
SIGN = "幸福家园"


class PlainSms:
    """Texts over the plain protocol; safe to share between threads."""

    def __init__(self, base_url: str, http: httpx.Client | None = None) -> None:
        self._wire = Wire(base_url, http)

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send a sign-in code that is good for so many minutes. Raises SmsFailed."""
        self._send(
            phone, f"验证码{code}，{minutes}分钟内有效。请勿告诉他人，工作人员不会向您索要。"
        )

    def send_unanswered(self, phone: str, facts: Unanswered) -> None:
        """Tell a duty office that somebody is still looked for. Raises SmsFailed."""
        ring = f"或致电食堂{facts.ring}" if facts.ring else "或联系食堂"
        self._send(
            phone,
            f"{facts.canteen}{facts.at}送餐上门无人应答，本人和家属都还没有联系上。"
            f"请值班人员打开工作台“关爱核实”，{ring}，马上上门看看。",
        )

    def _send(self, phone: str, text: str) -> None:
        answer = self._wire.post(
            PATH,
            headers={"Content-Type": "application/json"},
            body=orjson.dumps({"phone": phone, "text": f"【{SIGN}】{text}"}),
        )
        if answer.get("errcode") != 0:
            raise SmsFailed(f"errcode {answer.get('errcode')}")
