"""Whom a typed or scanned text means at the counter: a code, six digits, four digits, a name."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from backend.canteen.serving.models import Proof

QR_PREFIX = "xf:b:"
"""What the QR of a booking's code begins with."""


def find(orders: Sequence[Mapping[str, Any]], text: str) -> list[Mapping[str, Any]]:
    """Those of `queries.list_orders` that are meant."""
    if text.startswith(QR_PREFIX):
        code_hash = hashlib.sha256(text.removeprefix(QR_PREFIX).encode()).hexdigest()
        return [one for one in orders if one["code_hash"] == code_hash]
    digits = text.replace(" ", "")
    if digits.isascii() and digits.isdigit():
        return [one for one in orders if digits in (one["short_code"], one["last_four"])]
    return [one for one in orders if text in (one["name"] or "")]


def proof_of(text: str) -> Proof:
    """By what somebody was found."""
    digits = text.replace(" ", "")
    if text.startswith(QR_PREFIX) or (digits.isdigit() and len(digits) == 6):
        return Proof.CODE
    return Proof.NAME if text else Proof.LIST
