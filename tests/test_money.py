"""Amounts as people type them and read them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.money import decimal, fen_of, in_yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("40", 4000), ("12.5", 1250), ("12.50元", 1250), (" 0.01 ", 1), ("0", 0), ("40.0", 4000),
        ("-5", None), ("9.999", None), ("1e9", None), ("1e1", None), ("NaN", None),
        ("Infinity", None), ("９", None), ("٣", None), ("1,000", None), ("", None), ("元", None),
        (".5", None), ("5.", None), ("+5", None), ("99999999", None), ("12 50", None),
    ],
)  # fmt: skip
def test_what_is_typed(text, fen) -> None:
    assert fen_of(text) == fen


@given(st.integers(0, 999_999_999))
def test_what_is_shown_can_be_typed_again(fen) -> None:
    assert fen_of(in_yuan(fen)) == fen == fen_of(str(decimal(fen)))


def test_what_is_shown() -> None:
    assert [in_yuan(fen) for fen in (0, 5, 1250, 4000, -1250)] == [
        "0", "0.05", "12.50", "40", "-12.50",
    ]  # fmt: skip
    assert decimal(1250) == Decimal("12.5")
