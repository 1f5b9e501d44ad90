"""The doors of api.weixin.qq.com that the product uses, with their checks in WeChat's order."""

import io
import json
import re
from functools import wraps
from typing import Any, Protocol
from urllib.parse import quote

import segno
from flask import Blueprint, Response, request

from backend.wechat import fields
from backend.wechat.standin.answers import Refused, answer, ok, request_id
from backend.wechat.standin.world import world

api = Blueprint("api", __name__)

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")
_STATES = ("developer", "trial", "formal")


class _View(Protocol):
    __name__: str

    def __call__(self) -> Response: ...


def _with_token(view: _View) -> _View:
    """Let only calls with a valid access token in."""

    @wraps(view)
    def checked() -> Response:
        world().issuer.check(request.args.get("access_token", ""))
        return view()

    return checked


def _body() -> dict[str, Any]:
    raw = request.get_data()
    if not raw:
        raise Refused(44002, "empty post data")
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refused(47001, "data format error") from None
    if not isinstance(body, dict):
        raise Refused(47001, "data format error")
    return body


def _check_account(given: dict[str, Any]) -> None:
    settings = world().settings
    if not given.get("appid"):
        raise Refused(41002, "appid missing")
    if not given.get("secret"):
        raise Refused(41004, "appsecret missing")
    if given["appid"] != settings.appid:
        raise Refused(40013, "invalid appid")
    if given["secret"] != settings.secret:
        raise Refused(40125, "invalid appsecret")


@api.route("/cgi-bin/stable_token", methods=["GET", "POST"])
def stable_token() -> Response:
    """The access token: the same one until it is nearly over."""
    if request.method == "GET":
        raise Refused(43002, "require POST method")
    body = _body()
    if body.get("grant_type") != "client_credential":
        raise Refused(40002, "invalid grant_type")
    _check_account(body)
    token, seconds = world().issuer.issue(force=body.get("force_refresh") is True)
    return answer({"access_token": token, "expires_in": seconds})


@api.get("/sns/jscode2session")
def code_to_session() -> Response:
    """Who stands behind a login code; answered as text/plain, as WeChat does."""
    _check_account(request.args)
    if not request.args.get("js_code"):
        raise Refused(41008, "missing code")
    if request.args.get("grant_type") != "authorization_code":
        raise Refused(40002, "invalid grant_type")
    session = world().state.use_login_code(request.args["js_code"])
    return answer(dict(session), content_type="text/plain")


@api.post("/wxa/business/getuserphonenumber")
@_with_token
def phone_number() -> Response:
    """The phone number behind a phone code."""
    body = _body()
    phone = world().state.use_phone_code(str(body.get("code", "")), body.get("openid"))
    country, number = _split_phone(phone)
    return ok(
        phone_info={
            "phoneNumber": number if country == "86" else f"+{country}{number}",
            "purePhoneNumber": number,
            "countryCode": country,
            "watermark": {
                "timestamp": int(world().now().timestamp()),
                "appid": world().settings.appid,
            },
        }
    )


def _split_phone(phone: str) -> tuple[str, str]:
    """`+852 91234567` into country and number; without a plus it is a number of China."""
    if not phone.startswith("+"):
        return "86", phone
    country, _, number = phone[1:].partition(" ")
    return country, number


@api.post("/cgi-bin/message/subscribe/send")
@_with_token
def send_subscribe_message() -> Response:
    """One message to one phone, if its fields fit and the person allowed it."""
    body, here = _body(), world()
    openid = str(body.get("touser", ""))
    if not here.state.is_user(openid):
        raise Refused(40003, "invalid openid")
    template = here.templates.get(str(body.get("template_id", "")))
    if template is None:
        raise Refused(40037, "invalid template_id")
    lang, state = body.get("lang", "zh_CN"), body.get("miniprogram_state", "formal")
    if lang not in _LANGUAGES or state not in _STATES:
        raise Refused(40097, "invalid args")
    data = _checked_data(body.get("data"), template.fields)
    message = here.state.deliver(openid, template, data, str(body.get("page", "")), lang, state)
    if here.settings.push_sent_events:
        here.pusher.sent(openid, template.template_id, message.id)
    return ok(msgid=2_000_000_000_000_000_000 + message.id)


def _checked_data(data: Any, wanted: dict[str, str]) -> dict[str, str]:
    if not isinstance(data, dict):
        raise Refused(47003, "argument invalid! data must be an object")
    for name in [*wanted, *data]:
        item = data.get(name)
        value = item.get("value") if isinstance(item, dict) else None
        if name not in wanted or not isinstance(value, str) or not fields.is_valid(name, value):
            raise Refused(47003, f"argument invalid! data.{name}.value invalid")
    return {name: data[name]["value"] for name in wanted}


@api.get("/wxaapi/newtmpl/gettemplate")
@_with_token
def templates() -> Response:
    """The account's templates."""
    return ok(
        data=[
            {
                "priTmplId": template.template_id,
                "title": template.title,
                "content": template.content,
                "example": "",
                "type": 3 if template.long_term else 2,
            }
            for template in world().templates.values()
        ]
    )


@api.post("/wxa/getwxacodeunlimit")
@_with_token
def mini_program_code() -> Response:
    """An image that carries page and scene: here a plain QR code."""
    body = _body()
    scene, page = body.get("scene"), body.get("page", "pages/index/index")
    if not isinstance(scene, str) or len(scene) > 32:
        raise Refused(40169, "invalid length for scene, or the data is not json string")
    if not _SCENE.fullmatch(scene):
        raise Refused(40129, "invalid scene")
    if body.get("env_version", "release") not in ("release", "trial", "develop"):
        raise Refused(40097, "invalid args")
    if not isinstance(page, str) or page.startswith("/") or "?" in page:
        raise Refused(41030, "invalid page")
    image = io.BytesIO()
    segno.make(f"{page}?scene={quote(scene, safe='')}", micro=False).save(
        image, kind="png", scale=8
    )
    return Response(image.getvalue(), content_type="image/png")


@api.post("/wxa/msg_sec_check")
@_with_token
def check_text() -> Response:
    """An opinion on a text, by lists of words."""
    body, here = _body(), world()
    openid, content = str(body.get("openid", "")), body.get("content")
    if body.get("scene") not in (1, 2, 3, 4):
        raise Refused(40129, "invalid scene")
    if not isinstance(content, str) or not content or len(content) > 2500:
        raise Refused(40097, "invalid args")
    if not here.state.is_user(openid):
        raise Refused(40003, "invalid openid")
    if not here.state.visited_lately(openid):
        raise Refused(61010, "code is expired")
    risky = next((word for word in here.settings.risky_words if word in content), None)
    review = next((word for word in here.settings.review_words if word in content), None)
    suggest = "risky" if risky else "review" if review else "pass"
    label = 20006 if risky else 10001 if review else 100
    return ok(
        trace_id=request_id(),
        result={"suggest": suggest, "label": label},
        detail=[{"strategy": "keyword", "errcode": 0, "suggest": suggest, "label": label}],
    )
