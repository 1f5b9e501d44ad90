"""Sign-in: WeChat's login code for a token, WeChat's phone code for a verified phone."""

from flask import Response

from backend import clock
from backend.db import db, transactional
from backend.people import signin
from backend.people.masking import mask_phone
from backend.people.queries import Resident
from backend.wechat.provider import current as wechat
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import bearer, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.auth import CodeBody, PhoneBoundSchema, SignedInSchema

blueprint = Blueprint("auth", __name__, url_prefix="/auth", description="登录")


@blueprint.post("/login")
@public("30/minute", why="this is the sign-in")
@blueprint.arguments(CodeBody)
@blueprint.answers(SignedInSchema)
@blueprint.refuses(401, 503)
def login(body: dict[str, str]) -> Response:
    """Exchange `wx.login`'s code; the first sign-in makes the account."""
    openid = signin.openid_of(wechat(), body["code"])
    signed = transactional(signin.sign_in)(db.session(), openid, clock.now())
    return answer(
        {
            "token": signed.token,
            "expires_at": clock.rfc3339(signed.expires_at),
            "account_id": signed.account_id,
            "person_id": signed.person_id,
            "is_new": signed.is_new,
        }
    )


@blueprint.post("/phone")
@resident(limit="10/minute")
@blueprint.arguments(CodeBody)
@blueprint.answers(PhoneBoundSchema)
@blueprint.refuses(503)
def phone(body: dict[str, str], *, me: Resident) -> Response:
    """Bind the phone number that WeChat verified."""
    db.session.rollback()  # no connection is held while WeChat is asked
    number = signin.phone_of(wechat(), body["code"])
    person_id = transactional(signin.bind_phone)(db.session(), me.account_id, number, clock.now())
    return answer({"person_id": person_id, "phone": mask_phone(number)})


@blueprint.post("/logout")
@resident(writes=True)
@blueprint.answers()
def logout(*, me: Resident) -> Response:
    """Revoke the token that was sent."""
    signin.sign_out(db.session(), signin.token_hash(bearer()), clock.now())
    return answer()
