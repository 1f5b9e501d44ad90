"""`xingfu draw-verify`: is a published draw what it claims to be?"""

from pathlib import Path

import click

from backend.night_school.draws import verify


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def draw_verify(file: Path) -> None:
    """Deal a published draw once more and compare: FILE is the one its page offers.

    Needs neither settings nor a database. The same check runs anywhere by itself, with Python and
    nothing else: backend/night_school/draws/verify.py is one file to copy.
    """
    raise SystemExit(verify.main(str(file)))
