"""What an address says: 翠园小区3号楼2单元501室 is a building, a unit, a flat, and so a floor.

People write it in many ways: 幢, 栋 and 座, full width, Chinese numerals, 3-2-501. What cannot be
read is left out, never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {one: at for at, one in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = re.compile(r"[一二三四五六七八九十两]+(?=号楼|号院|号|幢|栋|座|楼|单元|门|层|室|户)")
_DASHES = re.compile(r"[‐‑‒–—―−－~～]+")
_NOISE = re.compile(r"[\s,，.。、;；:：()（）【】\[\]]+")

_NAME = r"[甲乙丙丁东西南北中]?(?:[A-Z]?\d{1,4}[A-Z]?|[A-Z])"
_BUILDING = re.compile(rf"({_NAME}|[甲乙丙丁东西南北中])(?:号楼|#楼|#|幢|栋|座)")
_BARE = re.compile(rf"(?<![\d-])({_NAME})楼(?=\d{{1,2}}(?:单元|门))")
_DASHED = re.compile(r"(?<![\dA-Z-])(\d{1,3})-(?:(\d{1,2})-)?(\d{3,4}[A-Z]?)(?:室|号|户)?$")
_UNIT = re.compile(r"([A-Z]|\d{1,2}|[甲乙丙丁东西南北中])(?:单元|门)")
_BASEMENT = re.compile(
    r"(?:地下(?:一|1)?(?:层|室)|负(?:一|1)?层|(?<![A-Z\d])B1(?:层)?)(\d{0,4})(?:室|号)?$"
)
_STOREY = re.compile(r"(?<!\d)(\d{1,2})(?:层|楼)")
_FLAT = re.compile(r"(?<!\d)([A-Z]?\d{1,4}[A-Z]?)(?:室|号|户)?$")
_HIGHEST = 99


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives; `before`: what stands before the building, such as the estate's name.

    `floor` is -1 below the ground.
    """

    before: str = ""
    building: str | None = None
    unit: str | None = None
    floor: int | None = None
    flat: str | None = None


def parse(text: str | None) -> Home:
    """What can be read of an address. Never raises."""
    said = plain(text)
    found = _BUILDING.search(said) or _BARE.search(said)
    if found is None:
        return _dashed(said)
    rest = said[found.end() :]
    unit = _UNIT.search(rest)
    inside = rest[unit.end() :] if unit else rest
    floor, flat = _inside(inside.strip("-"))
    if unit is None and (pair := re.fullmatch(r"(\d{1,2})-(\d{3,4}[A-Z]?)(?:室|号|户)?", inside)):
        return Home(said[: found.start()], found[1], pair[1], floor_of(pair[2]), pair[2])
    return Home(said[: found.start()], found[1], unit and unit[1], floor, flat)


def of_parts(building: str, unit: str | None, flat: str | None) -> Home:
    """The same from fields that somebody filled in one by one; 3 and 3号楼 are one building."""
    floor, door = _inside(plain(flat))
    return Home(
        "", number_of(building) or plain(building), plain(unit).removesuffix("单元") or None,
        floor, door or plain(flat) or None,
    )  # fmt: skip


def plain(text: str | None) -> str:
    """In half width and capitals, without spaces and marks, with figures for numerals."""
    said = unicodedata.normalize("NFKC", text or "").upper()
    said = _NOISE.sub("", _DASHES.sub("-", said))
    return _NUMERAL.sub(lambda found: _figure(found[0]), said)


def number_of(name: str) -> str | None:
    """A building's name in the tree of places, as addresses are read: 3号楼 is 3."""
    return parse(name).building


def floor_of(flat: str) -> int | None:
    """The storey of a flat: 501 is on the 5th, 1203 on the 12th; a short number says nothing."""
    digits = "".join(re.findall(r"\d", flat))
    if len(digits) not in (3, 4):
        return None
    floor = int(digits[:-2])
    return floor if 1 <= floor <= _HIGHEST else None


def _dashed(said: str) -> Home:
    """3-2-501: building, unit and flat; 3-501 has no unit."""
    found = _DASHED.search(said)
    if found is None:
        return Home(before=said)
    return Home(said[: found.start()], found[1], found[2], floor_of(found[3]), found[3])


def _inside(rest: str) -> tuple[int | None, str | None]:
    """The floor, and the flat as it is on the door."""
    if below := _BASEMENT.search(rest):
        return -1, f"地下室{below[1]}"
    storey = _STOREY.search(rest)
    flat = _FLAT.search(rest[storey.end() :] if storey else rest)
    name = flat[1] if flat else None
    if storey and 1 <= int(storey[1]) <= _HIGHEST:
        return int(storey[1]), name
    return (floor_of(name) if name else None), name


def _figure(numeral: str) -> str:
    """十二 is 12."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[one]) for one in numeral)
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return numeral
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
