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


_DIGITS, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def in_words(fen: int) -> str:
    """The amount in the characters that receipts are written in: 壹佰零伍元叁角整.

    For whole amounts from 0 up to 99,999,999.99 yuan. Source: 支付结算办法, annex 1.
    """
    yuan, (jiao, last) = fen // 100, divmod(fen % 100, 10)
    said = f"{_whole(yuan)}元" if yuan or fen == 0 else ""
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif last and yuan:
        said += "零"
    return said + (f"{_DIGITS[last]}分" if last else "整")


def _whole(number: int) -> str:
    high, low = divmod(number, 10_000)
    if not high:
        return _four(low)
    return f"{_four(high)}万" + ("零" if 0 < low < 1000 else "") + (_four(low) if low else "")


def _four(number: int) -> str:
    """Up to 9999; zeros between others are one, at the end none."""
    said = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += _DIGITS[digit] + _PLACES[place]
        elif said and not said.endswith("零") and number % 10**place:
            said += "零"
    return said or "零"


def decimal(fen: int) -> Decimal:
    """The amount in yuan, for a spreadsheet to reckon with."""
    return Decimal(fen).scaleb(-2)
