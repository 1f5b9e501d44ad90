"""The client knows every refusal of the API: a title, and what to do next."""

import re
from pathlib import Path

from backend.app import create_app
from backend.errors import every_refusal

TABLE = Path(__file__).parents[2] / "miniprogram/src/texts/refusals.ts"
_ROW = re.compile(r"^  (\d{5}): refusal\(\s*'([^']+)',\s*'([^']+)',\s*'(\w+)'", re.MULTILINE)


def test_every_refusal_has_a_title_in_both_languages_and_a_way_on() -> None:
    create_app()  # a service's refusals are known once its module is loaded
    told = [int(code) for code, *_rest in _ROW.findall(TABLE.read_text(encoding="utf-8"))]
    assert told == sorted({refusal.errcode for refusal in every_refusal()})
