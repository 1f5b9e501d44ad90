"""Sign-in by text message: a code goes to the phone, and comes back as a token.

Both verbs open their transactions themselves: no connection is held while the provider is asked,
and a wrong try stays counted although it is refused.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.db import db, transactional
from backend.people import signin, sms_codes
from backend.people.errors import SmsBusy, SmsCodeWrong, SmsNotSetUp
from backend.people.signin import SignedIn
from backend.sms import provider
from backend.sms.errors import SmsFailed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """How long the code is good, and when another may be asked for; in seconds."""

    expires_in: int = int(sms_codes.LIFE.total_seconds())
    resend_after: int = int(sms_codes.PAUSE.total_seconds())


def send_code(phone: str, now: datetime) -> CodeSent:
    """Send a code, whoever has that phone or nobody.

    Raises SmsNotSetUp, SmsCodeJustSent, TooManySmsCodes, SmsBusy.
    """
    sms = provider.current()
    if sms is None:
        raise SmsNotSetUp()
    issued = transactional(sms_codes.issue)(db.session(), phone, now)
    try:
        sms.send_code(phone, issued.code, int(sms_codes.LIFE.total_seconds()) // 60)
    except SmsFailed as failed:
        log.warning("text message failed", reason=str(failed), ambiguous=failed.ambiguous)
        transactional(sms_codes.drop)(db.session(), issued.id, now, counts=failed.ambiguous)
        raise SmsBusy() from failed
    return CodeSent()


def sign_in(phone: str, code: str, now: datetime) -> SignedIn:
    """Exchange the code for a token; the first sign-in makes the account.

    Raises SmsNotSetUp, SmsCodeWrong.
    """
    if provider.current() is None:
        raise SmsNotSetUp()
    tried = transactional(sms_codes.use)(db.session(), phone, code, now)
    if not tried.right:
        raise SmsCodeWrong(tries_left=tried.left)
    return transactional(signin.sign_in_by_phone)(db.session(), phone, now)
