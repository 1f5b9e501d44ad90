"""Addresses as people write them; whatever they write, reading it never fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.canteen.delivery.address import Home, floor_of, number_of, parse

FULL = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
"""Full width, as some keyboards write it."""


@pytest.mark.parametrize(("text", "home"), [
    ("翠园小区3号楼2单元501室", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区 3 号楼 2 单元 501", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区3幢501", Home("翠园小区", "3", None, 5, "501")),
    ("翠园小区3栋2单元1203室", Home("翠园小区", "3", "2", 12, "1203")),
    ("翠园小区A座1501", Home("翠园小区", "A", None, 15, "1501")),
    ("３号楼２单元５０１室", Home("", "3", "2", 5, "501")),
    ("翠园小区三号楼二单元501室", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区十二栋二单元501", Home("翠园小区", "12", "2", 5, "501")),
    ("翠园小区二十一号楼502", Home("翠园小区", "21", None, 5, "502")),
    ("翠园小区3号楼地下室", Home("翠园小区", "3", None, -1, "地下室")),
    ("翠园小区3号楼2单元负一层", Home("翠园小区", "3", "2", -1, "地下室")),
    ("翠园小区3号楼地下室12号", Home("翠园小区", "3", None, -1, "地下室12")),
    ("翠园小区3号楼", Home("翠园小区", "3", None, None, None)),
    ("翠园小区3号楼5楼", Home("翠园小区", "3", None, 5, None)),
    ("翠园小区3号楼5层东户", Home("翠园小区", "3", None, 5, None)),
    ("翠园小区3号楼2门12号", Home("翠园小区", "3", "2", None, "12")),
    ("翠园小区3楼2单元501", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区3-2-501", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区3－501", Home("翠园小区", "3", None, 5, "501")),
    ("翠园小区3号楼2-501", Home("翠园小区", "3", "2", 5, "501")),
    ("翠园小区3#501", Home("翠园小区", "3", None, 5, "501")),
    ("翠园小区3号楼2单元501b", Home("翠园小区", "3", "2", 5, "501B")),
    ("翠园小区甲3号楼2单元501", Home("翠园小区", "甲3", "2", 5, "501")),
    ("东风路12号翠园小区3号楼501", Home("东风路12号翠园小区", "3", None, 5, "501")),
    ("翠园小区", Home("翠园小区")),
    ("老地方，王师傅知道", Home("老地方王师傅知道")),
    ("", Home()),
    (None, Home()),
])  # fmt: skip
def test_an_address_is_read(text: str | None, home: Home) -> None:
    assert parse(text) == home


@pytest.mark.parametrize(("flat", "floor"), [
    ("501", 5), ("1203", 12), ("0501", 5), ("12", None), ("5", None), ("12345", None),
    ("001", None), ("A501", 5), ("", None),
])  # fmt: skip
def test_a_flat_tells_its_floor(flat: str, floor: int | None) -> None:
    assert floor_of(flat) == floor


@pytest.mark.parametrize(("name", "number"), [
    ("3号楼", "3"), ("12栋", "12"), ("A座", "A"), ("三号楼", "3"), ("物业用房", None),
])  # fmt: skip
def test_a_building_of_the_tree_is_known_by_its_number(name: str, number: str | None) -> None:
    assert number_of(name) == number


@given(
    building=st.integers(1, 199), unit=st.integers(1, 12), floor=st.integers(1, 33),
    door=st.integers(1, 12), word=st.sampled_from(["号楼", "幢", "栋", "座", "#"]),
    end=st.sampled_from(["室", "", "号", "户"]), gap=st.sampled_from(["", " ", "　", "，", ","]),
    full=st.booleans(), lead=st.sampled_from(["", "0"]),
)  # fmt: skip
def test_however_it_is_spelled_it_is_the_same_door(
    building: int, unit: int, floor: int, door: int, word: str, end: str, gap: str, full: bool,
    lead: str,
) -> None:  # fmt: skip
    flat = f"{floor}{door:02}"
    said = f"翠园小区{gap}{building}{word}{gap}{unit}单元{gap}{flat}{end}"
    home = parse(said.translate(FULL) if full else said)
    assert home == Home("翠园小区", str(building), str(unit), floor, flat)


@given(st.text(max_size=80))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    home = parse(text)
    assert home.floor is None or home.floor == -1 or 1 <= home.floor <= 99
    assert len(home.building or "") <= 12
