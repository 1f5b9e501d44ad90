"""`xingfu draw-finish`: draw what has its public number and is not drawn yet."""

import click

from backend import clock
from backend.commands.application import application
from backend.db import db
from backend.night_school.draws import working


@click.command()
def draw_finish() -> None:
    """Draw every draw whose public number is given, now and here.

    The scheduler does this by itself within seconds. Where none runs, or one was killed in the
    middle, this does the same: a draw is written as a whole or not at all, and never twice.
    """
    with application():
        now = clock.now()
        draws = working.due(db.session(), now, claimed=True)
        finished = [working.work(draw_id, now, claimed=True) for draw_id in draws]
    click.echo(f"{sum(finished)} of {len(finished)} draws drawn.")
    if not all(finished):
        raise click.ClickException("The others cannot be drawn yet: their pages say why.")
