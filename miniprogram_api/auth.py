"""Sign-in: WeChat's login code or one by text message for a token; the phone; who one is."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db, transactional
from backend.people import claims, signin, sms_signin
from backend.people.claims import MaybeYou
from backend.people.masking import mask_phone
from backend.people.queries import Resident
from backend.people.signin import SignedIn
from backend.people.tokens import token_hash
from backend.wechat.provider import current as wechat
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import bearer, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.auth import (
    ClaimBody,
    CodeBody,
    CodeSentSchema,
    PersonIdSchema,
    PhoneAndCodeBody,
    PhoneBody,
    PhoneBoundSchema,
    SignedInSchema,
)

blueprint = Blueprint("auth", __name__, url_prefix="/auth", description="登录")


@blueprint.post("/login")
@public("30/minute", why="this is the sign-in")
@blueprint.arguments(CodeBody)
@blueprint.answers(SignedInSchema)
@blueprint.refuses(401, 503)
def login(body: dict[str, str]) -> Response:
    """Exchange `wx.login`'s code; the first sign-in makes the account."""
    openid = signin.openid_of(wechat(), body["code"])
    return _signed_in(transactional(signin.sign_in)(db.session(), openid, clock.now()))


@blueprint.post("/sms-codes")
@public("10/minute", why="this is the sign-in")
@blueprint.arguments(PhoneBody)
@blueprint.answers(CodeSentSchema)
@blueprint.refuses(409, 503)
def send_sms_code(body: dict[str, str]) -> Response:
    """Send six digits to a phone, known or not: at most 5 an hour and 10 a day to each."""
    sent = sms_signin.send_code(body["phone"], clock.now())
    return answer({"expires_in": sent.expires_in, "resend_after": sent.resend_after})


@blueprint.post("/sms-login")
@public("30/minute", why="this is the sign-in")
@blueprint.arguments(PhoneAndCodeBody)
@blueprint.answers(SignedInSchema)
@blueprint.refuses(401, 409)
def sms_login(body: dict[str, str]) -> Response:
    """Exchange the six digits, within five tries; a phone bound in WeChat leads to that account."""
    return _signed_in(sms_signin.sign_in(body["phone"], body["code"], clock.now()))


@blueprint.post("/phone")
@resident(limit="10/minute")
@blueprint.arguments(CodeBody)
@blueprint.answers(PhoneBoundSchema)
@blueprint.refuses(503)
def phone(body: dict[str, str], *, me: Resident) -> Response:
    """Bind the phone number that WeChat verified; an account made by that phone joins this one."""
    db.session.rollback()  # no connection is held while WeChat is asked
    number = signin.phone_of(wechat(), body["code"])
    bound = transactional(signin.bind_phone)(db.session(), me.account_id, number, clock.now())
    return answer(
        {
            "person_id": bound.person_id,
            "phone": mask_phone(number),
            "maybe_you": _maybe_you(bound.maybe_you),
        }
    )


@blueprint.post("/claim")
@resident(writes=True, limit="10/minute")
@blueprint.arguments(ClaimBody)
@blueprint.answers(PersonIdSchema)
@blueprint.refuses(404, 409)
def claim(body: dict[str, Any], *, me: Resident) -> Response:
    """Answer “are you …?”: with a yes the account becomes that person, with their bookings."""
    person_id = claims.answer(db.session(), me, body["claim"], is_me=body["is_me"], now=clock.now())
    return answer({"person_id": person_id})


@blueprint.post("/logout")
@resident(writes=True)
@blueprint.answers()
def logout(*, me: Resident) -> Response:
    """Revoke the token that was sent."""
    signin.sign_out(db.session(), token_hash(bearer()), clock.now())
    return answer()


def _signed_in(signed: SignedIn) -> Response:
    return answer(
        {
            "token": signed.token,
            "expires_at": clock.rfc3339(signed.expires_at),
            "account_id": signed.account_id,
            "person_id": signed.person_id,
            "is_new": signed.is_new,
            "maybe_you": _maybe_you(signed.maybe_you),
        }
    )


def _maybe_you(maybe: MaybeYou | None) -> dict[str, str] | None:
    return {"name": maybe.name, "claim": maybe.claim} if maybe else None
