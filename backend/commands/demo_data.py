"""`xingfu demo-data`: fill an empty database with the demo district."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from backend import clock, config
from backend.commands.application import application
from backend.db import transaction
from backend.demo import load
from backend.demo import phones as phone_list
from backend.demo.staff import PASSWORD, SIGN_INS

STALE = timedelta(weeks=6)


@click.command("demo-data")
@click.option("--replace", is_flag=True, help="Empty the demo district and load it anew.")
@click.option(
    "--phones",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/demo/residents.json"),
    show_default=True,
    help="Where to write the list of residents' phones for the WeChat stand-in.",
)
def demo_data(replace: bool, phones: Path) -> None:
    """Fill an empty database with the demo district, the same on every machine.

    12 streets, 156 communities, 371 estates; 6,000 invented residents, 1,500 of them over 60,
    with households; 36 courses, 70 classes of the present term in 12 communities and 48 of the
    past one with attendance; waiting lists, an open offer, a call list; draws, fees, excuses, kept
    places, families that go together, the term ahead. All dates are laid around today, and a class
    begins within minutes, so that check-in can be tried.

    Phones begin with 1540, which no operator has; nobody owns them.

    Where the demo is loaded already, this writes the list of phones again and changes nothing
    else; --replace starts over. Refuses in production, and wherever there is data that is not the
    demo's.
    """
    with application():
        try:
            _run(clock.now(), replace, phones)
        except load.DemoRefused as refused:
            raise click.ClickException(str(refused)) from None


def _run(now: datetime, replace: bool, phones: Path) -> None:
    with transaction() as session:
        load.check_welcome(session)
        if load.is_loaded(session) and not replace:
            _say_it_is_there(load.present_term(session).name, load.weeks_old(session, now))
        else:
            began = clock.monotonic()
            with click.progressbar(
                length=load.EXPECTED_ROWS, label="Filling the demo district"
            ) as bar:
                count = load.load(session, now, bar.update)
                bar.update(bar.length or 0)
            click.echo(f"{count:,} rows in {clock.monotonic() - began:.1f} s.")
        written = phone_list.write(session, phones, now)
    pictures = load.copy_pictures(Path(config.current().static_dir))
    click.echo(f"{pictures} course pictures in {config.current().static_dir}.")
    click.echo(f"{written:,} residents' phones in {phones}.")
    click.echo(sign_ins())


def _say_it_is_there(term: str, weeks_old: int) -> None:
    click.echo(f"The demo district is there already ({term}); --replace loads it anew.")
    if timedelta(weeks=weeks_old) > STALE:
        click.echo(f"It was loaded {weeks_old} weeks ago and most classes are over by now.")


def sign_ins() -> str:
    """The demo's staff and their password."""
    lines = [f"  {one.username:<10} {one.name}  {one.what}" for one in SIGN_INS]
    return "\n".join([f"Staff of the demo, password {PASSWORD}:", *lines])
