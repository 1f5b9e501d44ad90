"""What the server points to is there: a reminder's tap opens a page of the client."""

import json
from pathlib import Path

from backend.night_school.messages import parts
from backend.reminders import consents
from tests.client.test_foreign import pages


def test_reminders_open_pages_that_exist(mini_program: Path) -> None:
    for named in (parts.PAGE, consents.PAGE):
        assert named.partition("?")[0] in pages(mini_program)


def test_both_builds_have_the_same_pages(mini_program: Path, h5: Path) -> None:
    """The compiler names each page's script of H5 after its path."""
    scripts = {path.name.split(".")[0] for path in (h5 / "assets").glob("*.js")}
    assert {path.replace("/", "-") for path in pages(mini_program)} <= scripts


def test_privacy_is_asked_before_wechats_interfaces_are_used(mini_program: Path) -> None:
    app = json.loads((mini_program / "app.json").read_text(encoding="utf-8"))
    assert app["__usePrivacyCheck__"] is True
    assert app["lazyCodeLoading"] == "requiredComponents"
