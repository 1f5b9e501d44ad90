"""Amounts as people type them and read them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.money import decimal, fen_of, in_words, in_yuan


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


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"), (5, "伍分"), (50, "伍角整"), (1000, "壹拾元整"), (10500, "壹佰零伍元整"),
        (140950, "壹仟肆佰零玖元伍角整"), (600714, "陆仟零柒元壹角肆分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"), (32504, "叁佰贰拾伍元零肆分"),
        (10000000, "壹拾万元整"), (10050000, "壹拾万零伍佰元整"), (10000100, "壹拾万零壹元整"),
        (100300400, "壹佰万叁仟零肆元整"),
        (9999999999, "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)  # fmt: skip
def test_what_receipts_write(fen, said) -> None:
    """As in the examples of 支付结算办法."""
    assert in_words(fen) == said


@given(st.integers(0, 9_999_999_999), st.integers(0, 9_999_999_999))
def test_no_two_amounts_are_written_alike(one, other) -> None:
    assert (in_words(one) == in_words(other)) == (one == other)
