"""What was copied from npm packages is what `bin/vendor` copied, with its licence."""

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(ROOT.glob("*/static/vendor/*-[0-9]*"))


def test_there_is_something_to_look_at() -> None:
    names = {folder.name.rsplit("-", 1)[0] for folder in FOLDERS}
    assert {"bootstrap", "htmx.org", "qr-scanner", "bootstrap-icons"} <= names


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_files_are_unchanged(folder: Path) -> None:
    sums = {}
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        sums[name] = digest
    files = {file.name for file in folder.iterdir()} - {"SHA256SUMS"}
    assert files == set(sums)
    assert any(name.upper().startswith("LICEN") for name in files)
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
