"""Refusals: codes that stay, the fitting status, a sentence in both languages."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

import admin  # noqa: F401 - with the two doors comes every package, and so every refusal
import backend
import miniprogram_api  # noqa: F401
from backend.errors import Invalid, Refusal, every_refusal

EVERY = every_refusal()


@pytest.fixture(scope="module")
def speaking() -> Flask:
    """Just enough of an application to say a sentence."""
    app = Flask("speaking")
    Babel(app, default_locale="zh")
    return app


def test_no_two_refusals_share_a_code() -> None:
    codes = [kind.errcode for kind in EVERY]
    assert len(codes) == len(set(codes))


def test_every_class_has_a_code_of_its_own() -> None:
    """A refusal that forgot its errcode would answer with its parent's."""

    def below(kind: type[Refusal]) -> list[type[Refusal]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    for kind in below(Refusal):
        if kind.__module__.startswith(("backend", "miniprogram_api", "admin")):
            assert "errcode" in vars(kind), f"{kind.__name__} has no errcode of its own"


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_the_code_begins_with_the_status(kind: type[Refusal]) -> None:
    assert str(kind.errcode).startswith(str(kind.status))


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_the_sentence_is_one_a_resident_understands(kind: type[Refusal], speaking: Flask) -> None:
    with speaking.test_request_context(), force_locale("zh"):
        sentence = str(kind.sentence)
    assert sentence.endswith("。")
    assert re.search(r"[\u4e00-\u9fff]", sentence)
    assert 4 <= len(sentence) <= 60
    assert kind.__doc__, "its docstring goes into the documentation"


def test_a_refusal_carries_facts_and_can_have_another_sentence() -> None:
    refusal = Refusal("不行", limit=3)
    assert str(refusal) == "不行"
    assert refusal.data == {"limit": 3}
    assert Refusal().data == {}


def test_fields_that_are_wrong_are_named() -> None:
    assert Invalid({"name": ["太长"]}).errors == {"name": ["太长"]}
    assert Invalid().errors == {}


def test_rules_and_services_know_no_http() -> None:
    """Outcomes are refusals; statuses and pages belong to the doors."""
    root = Path(backend.__file__).parent
    found = [
        str(path.relative_to(root))
        for package in ("booking", "night_school", "people", "places", "staff", "reminders")
        for path in (root / package).rglob("*.py")
        if re.search(r"from flask import|import flask\b|abort\(", path.read_text(encoding="utf-8"))
    ]
    assert found == []
