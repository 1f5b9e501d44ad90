"""`xingfu rotate-keys`: every encrypted value under the newest key."""

import click

from backend import config
from backend.commands.application import application


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Re-encrypt phones, addresses and ID numbers under the first key of DATA_KEYS.

    To change keys: put a new one in front (DATA_KEYS=new:…,old:…), restart all processes, run
    this, then take the old one away and restart again. Keep old keys with the backups they fit.

    It works in batches beside the running system and may be stopped and run again: what is done
    stays done, and a second run finds nothing to do.
    """
    from backend.people import rotation
    from backend.people.crypto import DecryptionFailed

    with application():
        keys = [name for name, _ in config.current().data_keys]
        for sealed in rotation.sealed_tables():
            waiting = rotation.count_old(sealed)
            try:
                with click.progressbar(
                    rotation.rotate(sealed),
                    length=waiting,
                    label=f"{sealed.table.name:<12}",
                    hidden=not waiting,
                ) as batches:
                    done = 0
                    for rows in batches:
                        done += rows
                        batches.update(rows - 1)
            except DecryptionFailed as error:
                raise click.ClickException(f"{sealed.table.name}: {error}") from error
            click.echo(f"{sealed.table.name}: {done} rows moved to key {keys[0]!r}.")
        if keys[1:]:
            click.echo(f"No value needs {', '.join(keys[1:])} any more.")
