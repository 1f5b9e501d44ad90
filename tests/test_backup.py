"""`xingfu backup` and `xingfu restore` on both databases, beside a server that is at work."""

import json
import os
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from backend import config, dumps, migrating
from backend.app import create_app
from backend.cli import main
from backend.commands.check import audit
from backend.db import db
from backend.people.models import Person
from tests import databases
from tests.booking.crowd import Caller, crowd
from tests.factories import Make
from tests.server import environment, serving


@dataclass(frozen=True, slots=True)
class Site:
    """An installation: its environment, its database, its pictures."""

    env: dict[str, str]

    @property
    def settings(self) -> config.Settings:
        return config.load(self.env)

    @property
    def pictures(self) -> Path:
        return Path(self.env["STATIC_DIR"])

    def run(self, *arguments: object, **env: str) -> Result:
        return CliRunner().invoke(main, [str(one) for one in arguments], env=self.env | env)

    def sql(self, statement: str) -> None:
        engine = create_engine(self.settings.database_url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def rows(self) -> dict[str, int]:
        return dumps.row_counts(self.settings.database_url)


@pytest.fixture
def sites(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Site]:
    """One that is at work, with tables, and one that is new."""
    made = []
    for number in range(2):
        url = databases.new_database(dialect, request, tmp_path_factory)
        pictures = tmp_path_factory.mktemp(f"site{number}") / "pictures"
        made.append(Site(environment(database_url=url, static_dir=str(pictures))))
    app = create_app(made[0].settings)
    databases.create_tables(app)
    databases.dispose(app)
    command.stamp(migrating.alembic_config(made[0].settings), "head")
    made[0].pictures.mkdir()
    (made[0].pictures / "music.svg").write_text("<svg/>")
    return made[0], made[1]


@pytest.fixture
def old(sites: tuple[Site, Site]) -> Iterator[Site]:
    """The one at work, with a resident whose phone is kept encrypted."""
    app = create_app(sites[0].settings)
    with app.app_context():
        make = Make(datetime.now(UTC))
        make.resident("王秀英", phone="13812345678")
        make.run(capacity=1000)
        yield sites[0]
    databases.dispose(app)


@pytest.fixture
def new(sites: tuple[Site, Site]) -> Site:
    return sites[1]


def test_a_system_at_work_goes_round(old: Site, new: Site, tmp_path: Path) -> None:
    """What was confirmed before the backup began is in it, and all of it adds up."""
    archive = tmp_path / "site.tar.gz"
    run_id = db.session.scalar(text("SELECT id FROM bookable"))
    members = crowd(300, datetime.now(UTC))
    confirmed: list[int] = []
    done = threading.Event()

    def book(base: str) -> None:
        for member in members:
            if done.is_set():
                break
            caller = Caller(base, member)
            answer = caller.enrol(run_id)
            caller.close()
            assert answer.status == 201
            confirmed.append(answer.data["booking_id"])

    with serving(old.env, workers=1) as base:
        thread = threading.Thread(target=book, args=(base,))
        thread.start()
        while len(confirmed) < 5:
            thread.join(0.05)
        before = len(confirmed)
        made = old.run("backup", archive)
        during = len(confirmed)
        done.set()
        thread.join()
    assert made.exit_code == 0, made.output
    assert archive.stat().st_mode & 0o077 == 0

    restored = new.run("restore", archive)
    assert restored.exit_code == 0, restored.output
    assert before <= new.rows()["booking"] <= during + 1
    assert (new.pictures / "music.svg").read_text() == "<svg/>"
    app = create_app(new.settings)
    with app.app_context():
        person = db.session.query(Person).filter_by(name="王秀英").one()
        assert person.phone == "13812345678"
        assert [one for one in audit(timedelta(hours=1)) if one.rows] == []
    databases.dispose(app)


def test_the_restored_system_works_on(old: Site, new: Site, tmp_path: Path) -> None:
    """Sequences, indexes and triggers came along: the next booking is as good as any."""
    archive = tmp_path / "site.tar.gz"
    [member] = crowd(1, datetime.now(UTC))
    assert old.run("backup", archive).exit_code == 0
    assert new.run("restore", archive).exit_code == 0
    run_id = db.session.scalar(text("SELECT id FROM bookable"))
    with serving(new.env, workers=1) as base:
        caller = Caller(base, member)
        assert caller.enrol(run_id).status == 201
        assert caller.enrol(run_id).status == 409
        caller.close()


def test_the_manifest_says_what_is_in_it(old: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    with tarfile.open(archive) as opened:
        assert opened.getnames() == ["manifest.json", "database", "pictures/music.svg"]
        manifest = json.load(opened.extractfile("manifest.json"))
    assert manifest["revision"] == migrating.current_revision(old.settings)
    assert manifest["rows"]["person"] == 1
    assert set(manifest["files"]) == {"database", "pictures/music.svg"}
    assert manifest["data_keys"] == ["dev"]


def test_a_backup_is_not_overwritten(old: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    archive.write_text("mine")
    refused = old.run("backup", archive)
    assert refused.exit_code == 1
    assert "not overwritten" in refused.output
    assert archive.read_text() == "mine"


def test_a_database_without_tables_is_not_backed_up(new: Site, tmp_path: Path) -> None:
    refused = new.run("backup", tmp_path / "site.tar.gz")
    assert refused.exit_code == 1
    assert "xingfu migrate" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_data_that_is_there_is_kept_unless_asked(old: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    old.sql("DELETE FROM access_token")
    old.sql("UPDATE person SET name = '李建国'")
    (old.pictures / "new.svg").write_text("<svg/>")
    before = old.rows()

    refused = old.run("restore", archive)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert old.rows() == before
    assert (old.pictures / "new.svg").exists()

    replaced = old.run("restore", archive, "--replace")
    assert replaced.exit_code == 0, replaced.output
    assert old.rows()["access_token"] == 1
    db.session.rollback()
    assert db.session.scalar(text("SELECT name FROM person")) == "王秀英"
    assert [path.name for path in old.pictures.iterdir()] == ["music.svg"]
    assert [path.name for path in old.pictures.parent.iterdir()] == ["pictures"]


def test_tables_without_rows_are_no_data(old: Site, new: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    migrating.migrate(new.settings)
    assert new.run("restore", archive).exit_code == 0
    assert new.rows() == old.rows()


def test_a_version_that_is_not_known_is_refused(old: Site, new: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    old.sql("UPDATE alembic_version SET version_num = '9999'")
    old.run("backup", archive)
    refused = new.run("restore", archive)
    assert refused.exit_code == 1
    assert "9999" in refused.output
    assert new.rows() == {}


def test_the_other_kind_of_database_is_refused(old: Site, tmp_path: Path, dialect: str) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    other = f"sqlite:///{tmp_path}/other.db" if dialect == "postgresql" else "postgresql:///x"
    refused = replace(old, env=old.env | {"DATABASE_URL": other}).run("restore", archive)
    assert refused.exit_code == 1
    assert f"is of {dialect}" in refused.output


def damaged(archive: Path, target: Path, change: str) -> Path:
    """A copy in which one member was changed, left out or added, manifest untouched."""
    with tarfile.open(archive) as opened, tarfile.open(target, "w:gz") as written:
        for member in opened.getmembers():
            if change == "missing" and member.name == "pictures/music.svg":
                continue
            content = opened.extractfile(member)
            assert content
            if change == "changed" and member.name == "database":
                raw = bytearray(content.read())
                raw[len(raw) // 2] ^= 1
                (target.parent / "raw").write_bytes(raw)
                written.add(target.parent / "raw", member.name)
            else:
                written.addfile(member, content)
        if change == "added":
            written.add(__file__, "pictures/more.py")
    return target


@pytest.mark.parametrize("change", ["changed", "missing", "added"])
def test_a_damaged_archive_changes_nothing(
    old: Site, new: Site, tmp_path: Path, change: str
) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    refused = new.run("restore", damaged(archive, tmp_path / "damaged.tar.gz", change))
    assert refused.exit_code == 1
    assert "damaged" in refused.output
    assert new.rows() == {}


def test_what_is_no_archive_is_refused(old: Site, new: Site, tmp_path: Path) -> None:
    archive, no_archive = tmp_path / "site.tar.gz", tmp_path / "no.tar.gz"
    old.run("backup", archive)
    for content in (b"no archive", archive.read_bytes()[:-300]):
        no_archive.write_bytes(content)
        refused = new.run("restore", no_archive)
        assert refused.exit_code == 1
        assert "not a backup, or damaged" in refused.output
    assert new.rows() == {}


def test_a_key_that_is_missing_is_named(old: Site, new: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar.gz"
    old.run("backup", archive)
    other = "k2:" + "A" * 43 + "="
    restored = new.run("restore", archive, DATA_KEYS=other)
    assert restored.exit_code == 0
    assert "DATA_KEYS lacks dev" in restored.output


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_tools_that_are_too_old_for_the_server_are_passed_over(old: Site, tmp_path: Path) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    tool.chmod(0o755)
    made = old.run("backup", tmp_path / "site.tar.gz", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert made.exit_code == 0, made.output


def test_where_no_tool_fits_it_says_what_to_install() -> None:
    with pytest.raises(dumps.DumpFailed, match="install postgresql-client-99"):
        dumps._find("pg_dump", 99)
