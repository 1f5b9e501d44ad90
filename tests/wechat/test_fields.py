"""What each kind of message field takes, and what is shortened to fit."""

import pytest

from backend.wechat.fields import FieldProblem, fit, is_valid

GOOD = [
    ("thing1", "智能手机课堂：挂号与缴费"),
    ("thing1", "字" * 20),
    ("thing12", "Tai Chi 太极 8:00"),
    ("number1", "30"),
    ("number1", "-3.5"),
    ("letter1", "ABC"),
    ("symbol1", "￥%"),
    ("character_string1", "A-0042/7"),
    ("time1", "15:01"),
    ("time1", "2019年10月1日 15:01"),
    ("time1", "2026年11月28日 19:00~20:30"),
    ("time1", "2026-11-28 19:00:00"),
    ("date1", "2019年10月1日"),
    ("date1", "2026-11-28"),
    ("date1", "2026/11/28 19:00"),
    ("date1", "11月28日"),
    ("date1", "2026年11月"),
    ("date1", "2026年11月28日~2026年12月28日"),
    ("amount1", "￥20.00"),
    ("amount1", "20元"),
    ("phone_number1", "+86-0766-66888866"),
    ("car_number1", "粤A8Z888挂"),
    ("name1", "阿依古丽·买买提"),
    ("name1", "John von Neumann"),
    ("phrase1", "报名成功"),
    ("enum1", "已确认"),
]
BAD = [
    ("thing1", "字" * 21),
    ("thing1", ""),
    ("thing1", "   "),
    ("thing1", "第一行\n第二行"),
    ("number1", "三十"),
    ("number1", "1" * 33),
    ("letter1", "A1"),
    ("character_string1", "订单42"),
    ("time1", "明晚七点"),
    ("time1", "19点"),
    ("date1", "下周六"),
    ("date1", "2026-11/28"),
    ("amount1", "二十元"),
    ("amount1", "12345678901元"),
    ("phone_number1", "+86 138 0000 0001 转 2"),
    ("car_number1", "粤A8Z888888挂"),
    ("name1", "一二三四五六七八九十一"),
    ("name1", "x" * 21),
    ("phrase1", "报名成功啦！"),
    ("phrase1", "OK"),
    ("unknown1", "什么都好"),
    ("thing", "没有编号"),
    ("thing1\n", "好"),
]


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_what_wechat_takes(field: str, value: str) -> None:
    assert is_valid(field, value)
    assert fit({field: value}) == {field: {"value": value}}


@pytest.mark.parametrize(("field", "value"), BAD)
def test_what_wechat_refuses(field: str, value: str) -> None:
    assert not is_valid(field, value)


@pytest.mark.parametrize(
    ("field", "value", "fitted"),
    [
        ("thing1", "字" * 21, "字" * 19 + "…"),
        ("thing1", "字" * 18 + " 好好好", "字" * 18 + "…"),
        ("thing1", "第一行\r\n第二行", "第一行 第二行"),
        ("thing1", "  太极拳  ", "太极拳"),
        ("name1", "一二三四五六七八九十一", "一二三四五六七八九十"),
        ("name1", "x" * 21, "x" * 20),
        ("character_string1", "A" * 40, "A" * 32),
    ],
)
def test_free_text_is_shortened(field: str, value: str, fitted: str) -> None:
    assert fit({field: value})[field]["value"] == fitted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time1", "明晚七点"),
        ("amount1", "12345678901元"),
        ("phrase1", "报名已经成功"),
        ("thing1", "\n\t"),
        ("unknown1", "什么都好"),
    ],
)
def test_what_would_become_untrue_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(FieldProblem) as problem:
        fit({"thing9": "好", field: value})
    assert problem.value.field == field
