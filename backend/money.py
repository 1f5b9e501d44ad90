"""Money: whole fen everywhere, read and shown in yuan, never a float on the way."""

import re
from decimal import Decimal

_YUAN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")
"""Digits as people type an amount: no sign, no exponent, no other script's digits."""


def fen_of(text: str) -> int | None:
    """The fen of an amount typed in yuan, such as 40, 12.5 or 12.50元; None if it is not one."""
    found = _YUAN.fullmatch(text.strip().removesuffix("元").strip())
    if found is None:
        return None
    yuan, fraction = found.groups(default="")
    return int(yuan) * 100 + int(fraction.ljust(2, "0"))


def in_yuan(fen: int) -> str:
    """12.50; whole yuan without a fraction, what is owed with a minus."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100}" if fen % 100 == 0 else f"{sign}{fen // 100}.{fen % 100:02d}"


def decimal(fen: int) -> Decimal:
    """The amount in yuan, for a spreadsheet to reckon with."""
    return Decimal(fen).scaleb(-2)
