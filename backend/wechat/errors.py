"""What can go wrong when talking to WeChat, as types a caller can decide by.

WeChat answers refusals with HTTP 200 and an `errcode`; `refusal()` picks the class for it.
"""

import re
from typing import ClassVar

TOKEN_REJECTED = frozenset({40001, 40014, 42001})

_RID = re.compile(r"\s*,?\s*rid:\s*([0-9a-zA-Z-]+)")
_FIELD = re.compile(r"data\.(\w+)\.value")


class WeChatError(Exception):
    """WeChat refused a call, or answered with something that cannot be understood.

    `errcode` is WeChat's own number, `errmsg` its sentence without the request id, and `rid` that
    request id, which Tencent's support asks for. `retryable` says whether the same call may
    succeed later without anybody changing anything.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, errcode: int | None, errmsg: str, rid: str | None = None) -> None:
        super().__init__(f"errcode {errcode}: {errmsg}" + (f" (rid {rid})" if rid else ""))
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid


class WeChatUnavailable(WeChatError):
    """WeChat is busy (-1), slow, unreachable, or answers 5xx.

    `ambiguous` is true when the call may have been carried out although no answer came back, so
    that repeating it could repeat its effect.
    """

    retryable = True

    def __init__(
        self,
        errcode: int | None,
        errmsg: str,
        rid: str | None = None,
        *,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(errcode, errmsg, rid)
        self.ambiguous = ambiguous


class RateLimited(WeChatError):
    """Too many calls: 45011 and 44991 pass within a minute, 45009 (`daily`) not before midnight."""

    retryable = True

    @property
    def daily(self) -> bool:
        """Whether today's quota is used up, so that a retry makes sense only tomorrow."""
        return self.errcode == 45009


class TokenRejected(WeChatError):
    """The access token is invalid or expired, even after fetching it anew."""

    retryable = True


class AccountMisconfigured(WeChatError):
    """App id, secret or the list of allowed addresses is wrong: only the operator can help."""


class CodeInvalid(WeChatError):
    """A login or phone code is unknown, already used, or older than five minutes (40029)."""


class UserBlocked(WeChatError):
    """WeChat considers the user high-risk and refuses the sign-in (40226)."""


class OpenIdInvalid(WeChatError):
    """The openid is not one of this mini-program's users (40003)."""


class NotSubscribed(WeChatError):
    """No one-time grant is left for this template, or the user switched messages off (43101)."""


class ReceiverBusy(WeChatError):
    """Another message to the same user is being sent at this moment (43108)."""

    retryable = True


class TemplateInvalid(WeChatError):
    """The template id does not belong to this mini-program (40037)."""


class FieldInvalid(WeChatError):
    """A field of the message breaks its template's rules (47003); `field` names it if known."""

    @property
    def field(self) -> str | None:
        """The refused field, such as `thing1`."""
        found = _FIELD.search(self.errmsg)
        return found.group(1) if found else None


class NotVisited(WeChatError):
    """The user has not opened the mini-program within two hours (61010), so no text check."""


_BY_CODE: dict[int, type[WeChatError]] = {
    -1: WeChatUnavailable,
    40003: OpenIdInvalid,
    40013: AccountMisconfigured,
    40029: CodeInvalid,
    40037: TemplateInvalid,
    40125: AccountMisconfigured,
    40164: AccountMisconfigured,
    40226: UserBlocked,
    41002: AccountMisconfigured,
    41004: AccountMisconfigured,
    43101: NotSubscribed,
    43108: ReceiverBusy,
    44991: RateLimited,
    45009: RateLimited,
    45011: RateLimited,
    47003: FieldInvalid,
    61010: NotVisited,
    89503: AccountMisconfigured,
    89506: AccountMisconfigured,
    89507: AccountMisconfigured,
} | dict.fromkeys(TOKEN_REJECTED, TokenRejected)


def refusal(errcode: int, errmsg: str) -> WeChatError:
    """The error for a non-zero `errcode`, with the request id taken out of `errmsg`."""
    found = _RID.search(errmsg)
    rid = found.group(1) if found else None
    return _BY_CODE.get(errcode, WeChatError)(errcode, _RID.sub("", errmsg).strip(), rid)
