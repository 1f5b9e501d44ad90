"""Alibaba Cloud's short message service: `SendSms` of Dysmsapi, signed with ACS3-HMAC-SHA256.

Sources: "SendSms" (Dysmsapi 2017-05-25), and "V3 request structure and signature mechanism", whose
worked example the tests reproduce.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from backend import clock
from backend.sms.errors import SmsFailed
from backend.sms.facts import Unanswered
from backend.sms.wire import Wire

BASE = "https://dysmsapi.aliyuncs.com"
_ALGORITHM = "ACS3-HMAC-SHA256"


class AliyunSms:
    """Texts through an approved sign and template of one account; safe to share between threads.

    The template has one variable, `code`; how long it is good stands in the template's own words.
    That for duty offices has `canteen`, `time` and `phone`; without one none is told.
    """

    def __init__(
        self, key_id: str, key_secret: str, sign: str, template: str, duty_template: str = "",
        *, base_url: str = BASE, http: httpx.Client | None = None,
    ) -> None:  # fmt: skip
        self._key_id, self._key_secret = key_id, key_secret
        self._sign, self._template, self._duty_template = sign, template, duty_template
        self._wire = Wire(base_url, http)

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send a sign-in code. Raises SmsFailed, also where the provider's own limits are met."""
        self._send(phone, self._template, {"code": code})

    def send_unanswered(self, phone: str, facts: Unanswered) -> None:
        """Tell a duty office that somebody is still looked for. Raises SmsFailed."""
        if not self._duty_template:
            raise SmsFailed("no template")
        said = {"canteen": facts.canteen, "time": facts.at, "phone": facts.ring or "—"}
        self._send(phone, self._duty_template, said)

    def _send(self, phone: str, template: str, said: Mapping[str, str]) -> None:
        query = canonical_query(
            {
                "PhoneNumbers": phone.removeprefix("+"),
                "SignName": self._sign,
                "TemplateCode": template,
                "TemplateParam": json.dumps(said, ensure_ascii=False),
            }
        )
        headers = {
            "host": urlsplit(self._wire.base_url).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": _moment(clock.now()),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": _sha256(b""),
        }
        headers["Authorization"] = authorization(
            self._key_id, self._key_secret, "POST", query, headers
        )
        answer: dict[str, Any] = self._wire.post("/", query=query, headers=headers)
        if answer.get("Code") != "OK":
            raise SmsFailed(str(answer.get("Code")))


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Sorted by name, encoded as RFC 3986 says."""
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(parameters.items())
    )


def authorization(
    key_id: str, key_secret: str, method: str, query: str, headers: Mapping[str, str]
) -> str:
    """The `Authorization` header of a call to `/` whose body's hash stands among the headers.

    All of `headers` are signed; their names are in lower case.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join((method, "/", query, lines, names, headers["x-acs-content-sha256"]))
    to_sign = f"{_ALGORITHM}\n{_sha256(canonical.encode())}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
