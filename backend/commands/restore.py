"""`xingfu restore`: an archive of `xingfu backup` put back."""

from pathlib import Path

import click

from backend import config


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up the data that is there now.")
def restore(file: Path, replace: bool) -> None:
    """Put the database and the pictures of FILE in the place of this installation's.

    Stop the web and scheduler processes first. The archive is checked in full before anything is
    changed (every file against its SHA-256, the version against this one's); the database is
    exchanged as a whole or not at all; afterwards the rows of every table are counted again.

    A database that has data is refused without --replace. An archive of an older version is
    taken; run `xingfu migrate` after it. Then `xingfu check` shows that all adds up.
    """
    from backend import backup as backups

    settings = config.load()
    try:
        manifest = backups.restore(settings, file, click.echo, replace=replace)
    except backups.BackupRefused as error:
        raise click.ClickException(f"{error}.") from error
    rows = sum(manifest.rows.values())
    click.echo(f"Restored {rows} rows as of {manifest.made_at} (tables at {manifest.revision}).")
    if missing := sorted(set(manifest.data_keys) - {key for key, _ in settings.data_keys}):
        click.echo(
            f"DATA_KEYS lacks {', '.join(missing)}, in use when this was made: what it encrypted "
            "cannot be read until the key is back."
        )
