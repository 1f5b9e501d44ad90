"""Backups: one archive with the database, the pictures, and a manifest that vouches for them."""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from backend import dumps, migrating
from backend.config import Settings

FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE = "database"
_PICTURES = "pictures"

Say = Callable[[str], object]


class BackupRefused(Exception):
    """The archive cannot be made or put back; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `files` maps each member to its SHA-256."""

    format: int
    version: str
    made_at: str
    database: str
    revision: str
    data_keys: list[str]
    rows: dict[str, int]
    files: dict[str, str]


def make(settings: Settings, target: Path, now: datetime, say: Say) -> Manifest:
    """Write the archive `target`; the system may go on working. Raises BackupRefused."""
    if target.exists():
        raise BackupRefused(f"{target} is there already; backups are not overwritten")
    revision = migrating.current_revision(settings)
    if revision is None:
        raise BackupRefused("the database has no tables yet; run `xingfu migrate` first")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as name:
        folder = Path(name)
        say("Copying the database …")
        rows = _dumped(settings, folder / _DATABASE)
        say("Copying the pictures …")
        _copy_pictures(settings, folder / _PICTURES)
        manifest = Manifest(
            format=FORMAT, version=version("xingfu"), made_at=now.isoformat(timespec="seconds"),
            database=_kind(settings), revision=revision,
            data_keys=[key for key, _ in settings.data_keys], rows=rows, files=_hashes(folder),
        )  # fmt: skip
        (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        _pack(folder, list(manifest.files), target)
    return manifest


def restore(settings: Settings, source: Path, say: Say, *, replace: bool = False) -> Manifest:
    """Put the archive's database and pictures in place of this installation's.

    Checks everything before it changes anything; the database is exchanged as a whole. Without
    `replace` only an installation without data is written to. Raises BackupRefused.
    """
    folder_above = Path(settings.static_dir).absolute().parent
    folder_above.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder_above, prefix=".restore-") as name:
        folder = Path(name)
        say("Checking the archive …")
        manifest = _unpacked(source, folder)
        _check_fits(settings, manifest)
        if not replace and (there := _data_there(settings)):
            raise BackupRefused(f"there is data already ({there}); --replace gives it up")
        say("Restoring the database …")
        try:
            dumps.load(settings.database_url, folder / _DATABASE)
        except dumps.DumpFailed as error:
            raise BackupRefused(str(error)) from error
        say("Restoring the pictures …")
        _exchange_pictures(settings, folder)
        _verify(settings, manifest)
    return manifest


def _dumped(settings: Settings, target: Path) -> dict[str, int]:
    try:
        return dumps.dump(settings.database_url, target)
    except dumps.DumpFailed as error:
        raise BackupRefused(str(error)) from error


def _kind(settings: Settings) -> str:
    return make_url(settings.database_url).get_backend_name()


def _copy_pictures(settings: Settings, target: Path) -> None:
    if Path(settings.static_dir).is_dir():
        shutil.copytree(settings.static_dir, target)
    else:
        target.mkdir()


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _pack(folder: Path, names: list[str], target: Path) -> None:
    """The manifest first; readable by its owner alone, since it names residents."""
    packed = folder / "packed.tar.gz"
    packed.touch(mode=0o600)
    with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
        for name in (_MANIFEST, *names):
            archive.add(folder / name, name)
    with packed.open("rb") as opened:
        os.fsync(opened.fileno())
    packed.rename(target)


def _unpacked(source: Path, folder: Path) -> Manifest:
    """Unpack into `folder` and hold every file against the manifest."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, EOFError, ValueError, TypeError, tarfile.TarError) as error:
        raise BackupRefused(f"{source} is not a backup, or damaged ({error})") from error
    found = {name: digest for name, digest in _hashes(folder).items() if name != _MANIFEST}
    if found != manifest.files:
        wrong = sorted(set(found.items()) ^ set(manifest.files.items()))
        raise BackupRefused(f"{source} is damaged: {wrong[0][0]} is not what was backed up")
    return manifest


def _check_fits(settings: Settings, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise BackupRefused(f"the archive has format {manifest.format}, this reads {FORMAT}")
    if manifest.database != _kind(settings):
        raise BackupRefused(
            f"the archive is of {manifest.database}, DATABASE_URL names {_kind(settings)}"
        )
    scripts = ScriptDirectory.from_config(migrating.alembic_config(settings))
    if manifest.revision not in {script.revision for script in scripts.walk_revisions()}:
        raise BackupRefused(
            f"the archive was made by version {manifest.version} (tables at {manifest.revision}), "
            f"which this version, {version('xingfu')}, does not know; install that one first"
        )


def _data_there(settings: Settings) -> str:
    """The first table that has rows, in words; empty if nothing is there."""
    for name, rows in dumps.row_counts(settings.database_url).items():
        if rows:
            return f"{rows} rows in {name}"
    return ""


def _exchange_pictures(settings: Settings, folder: Path) -> None:
    live, restored = Path(settings.static_dir), folder / _PICTURES
    restored.mkdir(exist_ok=True)
    if live.exists():
        live.rename(folder / "before")
    restored.rename(live)


def _verify(settings: Settings, manifest: Manifest) -> None:
    rows = dumps.row_counts(settings.database_url)
    if rows != manifest.rows or migrating.current_revision(settings) != manifest.revision:
        raise BackupRefused("the restored tables do not hold what was backed up; restore again")
