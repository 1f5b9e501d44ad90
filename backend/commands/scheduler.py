"""`xingfu scheduler`: the process that does what happens by itself."""

import click

from backend.commands.application import application


@click.command()
@click.option("--once", is_flag=True, help="Run every job once and exit; non-zero if one failed.")
def scheduler(once: bool) -> None:
    """Do what happens by itself: reminders, offers that ran out, draws, clearing out.

    Runs until SIGTERM or Ctrl-C and finishes what is under way. Any number may run, on any number
    of machines: nothing is sent twice because two ran, nothing is lost because one died.
    """
    from backend import scheduler as jobs

    with application() as app:
        if not once:
            jobs.run_forever(app)
        elif failed := jobs.run_once(app):
            raise click.ClickException(f"failed: {', '.join(failed)}; the log says why")
