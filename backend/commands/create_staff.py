"""`xingfu create-staff`: the first manager of an installation, or whoever is needed at a prompt."""

import click
from sqlalchemy import select

from backend import clock
from backend.db import db, transactional
from backend.errors import Invalid, Refusal
from backend.places.models import Place
from backend.staff import accounts
from backend.staff.models import Role


@click.command()
@click.argument("username")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default="manager", show_default=True
)
@click.option("--place", "code", required=True, help="Code of the place the role is held at.")
def create_staff(username: str, name: str, role: str, code: str) -> None:
    """Create a staff account and print its one-time password.

    USERNAME is what they sign in with (3-32 small letters, digits, dots or dashes), NAME how
    colleagues know them. The role holds at the place and all below it: a manager at a district, a
    street or a community, a worker at a community, a teacher (own classes only) at any of these.
    """
    from backend.app import create_app

    name = name.strip()
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise click.BadParameter("1 to 40 visible characters", param_hint="NAME")
    asked_in_english = {"Accept-Language": "en"}
    with create_app().test_request_context(headers=asked_in_english):
        place_id = db.session.scalar(select(Place.id).where(Place.code == code))
        if place_id is None:
            raise click.BadParameter(f"no place has the code {code!r}", param_hint="--place")
        create = transactional(accounts.create)
        try:
            made = create(db.session(), None, username, name, Role(role), place_id, clock.now())
        except Refusal as refusal:
            raise click.ClickException(_sentence(refusal)) from None
    click.echo(f"Username:          {username.strip().lower()}")
    click.echo(f"One-time password: {made.password}")
    click.echo("It has to be changed at the first sign-in (/admin) and is not shown again.")


def _sentence(refusal: Refusal) -> str:
    fields = refusal.errors.values() if isinstance(refusal, Invalid) else ()
    return " ".join(str(wrong) for field in fields for wrong in field) or str(refusal)
