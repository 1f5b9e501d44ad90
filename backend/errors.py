"""The family of refusals, and the one table of their codes.

A refusal is raised where the rule stands and turned into an answer at the door. Each class knows
its `errcode` (stable, documented), the HTTP `status` that fits, and a sentence a resident
understands; `data` carries facts the caller may show (a moment, a position, names of fields).

Codes read as status + two digits; 40900 and up are booking rules. Where two digits are used up
a service has three: 4091xx are the rooms'.
"""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _

import backend
from backend import clock


class Refusal(Exception):
    """Something was asked that will not be done, and nothing was written.

    Cheap use: `raise AlreadyBooked()`. Full use: `raise NotYetOpen(opens_at=moment)`.
    """

    errcode: ClassVar[int] = 40000
    status: ClassVar[int] = 400
    for_staff: ClassVar[bool] = False
    """Only the console answers with it: the residents' client has no title for it."""
    sentence: Any = _("请求有误，请检查后再试。")
    after: Callable[[], object] | None = None
    """What is noted once the refusal has been answered, in a transaction of its own."""

    def __init__(self, sentence: Any = None, **data: Any) -> None:
        super().__init__(type(self).__name__)
        if sentence is not None:
            self.sentence = sentence
        self.data = data

    def facts(self) -> dict[str, Any]:
        """`data` as it is shown: moments as residents read them."""
        return {
            name: clock.rfc3339(value) if isinstance(value, datetime) else value
            for name, value in self.data.items()
        }

    def __str__(self) -> str:
        return str(self.sentence) % self.data if self.data else str(self.sentence)


class MalformedRequest(Refusal):
    """The body is not JSON, or not in the form the door takes."""

    errcode = 40001
    sentence = _("收到的内容无法识别，请更新小程序后再试。")


class SignInNeeded(Refusal):
    """No token came with the call, or one nobody issued."""

    errcode, status = 40100, 401
    sentence = _("请先登录。")


class SignInExpired(Refusal):
    """The token has run out or was revoked."""

    errcode, status = 40101, 401
    sentence = _("登录已过期，请重新登录。")


class CodeRefused(Refusal):
    """WeChat does not accept the code: unknown, used or older than five minutes."""

    errcode, status = 40102, 401
    sentence = _("登录凭证已失效，请再点一次登录。")


class NotAllowed(Refusal):
    """Signed in, but this is not theirs to do; used only where the thing's existence is public."""

    errcode, status = 40300, 403
    sentence = _("您没有办理这项业务的权限。")


class NotFound(Refusal):
    """No such thing, or none of the caller's: the two answers are the same on purpose."""

    errcode, status = 40400, 404
    sentence = _("没有找到您要的内容，可能已被取消或删除。")


class MethodNotAllowed(Refusal):
    """The address exists but not for this method."""

    errcode, status = 40500, 405
    sentence = _("不支持这种操作。")


class TooLarge(Refusal):
    """The body is larger than the door takes."""

    errcode, status = 41300, 413
    sentence = _("提交的内容太大了。")


class Invalid(Refusal):
    """Fields are missing or wrong; `errors` names each."""

    errcode, status = 42200, 422
    sentence = _("有些内容填写得不对，请检查标出的项目。")

    def __init__(self, errors: dict[str, Any] | None = None, sentence: Any = None) -> None:
        super().__init__(sentence)
        self.errors = errors or {}


class KeyReused(Refusal):
    """The same Idempotency-Key came with another body."""

    errcode, status = 42201, 422
    sentence = _("这次提交与之前的不一致，请返回重新操作。")


class TooManyRequests(Refusal):
    """A rate limit was met; `retry_after` is in seconds."""

    errcode, status = 42900, 429
    sentence = _("操作太频繁了，请稍等片刻再试。")


class WeChatBusy(Refusal):
    """WeChat's servers did not answer in time; nothing was changed here."""

    errcode, status = 50300, 503
    sentence = _("微信暂时没有回应，请稍后再试。")


class Unavailable(Refusal):
    """A fault of ours; it is logged under the request id."""

    errcode, status = 50000, 500
    sentence = _("系统出了点问题，我们已经记录下来，请稍后再试。")


def every_refusal() -> list[type[Refusal]]:
    """Every concrete refusal, by status and code: the table that is documented and tested."""
    _load_all()
    found: dict[int, type[Refusal]] = {}

    def walk(kind: type[Refusal]) -> None:
        if kind.errcode in found and found[kind.errcode] is not kind:
            raise RuntimeError(f"{kind.__name__} and {found[kind.errcode].__name__} share a code")
        found[kind.errcode] = kind
        for child in kind.__subclasses__():
            walk(child)

    walk(Refusal)
    return sorted(found.values(), key=lambda kind: (kind.status, kind.errcode))


def _load_all() -> None:
    """Import the `errors` of every package: a refusal counts before somebody raises it.

    Nothing else is imported for it: what only runs beside the product stays out of memory.
    """
    root = Path(backend.__path__[0])
    for path in sorted(root.rglob("errors.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        if parts != ("backend", "errors"):
            import_module(".".join(parts))
