"""`xingfu create-staff`: the first manager of an installation, or whoever is needed at a prompt."""

import click
from flask_babel import force_locale
from sqlalchemy import select

from backend import clock
from backend.commands.application import application
from backend.db import db, transactional
from backend.errors import Invalid, Refusal
from backend.places.errors import DistrictExists
from backend.places.founding import found_district
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
@click.option("--new-district", "district", help="On an empty database: the district's name.")
def create_staff(username: str, name: str, role: str, code: str, district: str | None) -> None:
    """Create a staff account and print its one-time password.

    USERNAME is what they sign in with (3-32 small letters, digits, dots or dashes), NAME how
    colleagues know them. The role holds at the place and all below it: a manager at a district, a
    street or a community, a worker at a community, a teacher (own classes only) at any of these.

    A first installation has no places yet: with `--place XF --new-district 幸福区` the district is
    made as well; its manager then adds or imports everything below it in the console.
    """
    name = name.strip()
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise click.BadParameter("1 to 40 visible characters", param_hint="NAME")
    with application(), force_locale("en"):
        try:
            made = _create(username, name, Role(role), code, district)
        except DistrictExists:
            raise click.BadParameter(
                "there are places already", param_hint="--new-district"
            ) from None
        except Refusal as refusal:
            raise click.ClickException(_sentence(refusal)) from None
    click.echo(f"Username:          {username.strip().lower()}")
    click.echo(f"One-time password: {made.password}")
    click.echo("It has to be changed at the first sign-in (/admin) and is not shown again.")


@transactional
def _create(
    username: str, name: str, role: Role, code: str, district: str | None
) -> accounts.Created:
    session = db.session()
    if district is not None:
        place_id: int | None = found_district(session, code, district)
    else:
        place_id = session.scalar(select(Place.id).where(Place.code == code))
    if place_id is None:
        raise click.BadParameter(f"no place has the code {code!r}", param_hint="--place")
    return accounts.create(session, None, username, name, role, place_id, clock.now())


def _sentence(refusal: Refusal) -> str:
    fields = refusal.errors.values() if isinstance(refusal, Invalid) else ()
    return " ".join(str(wrong) for field in fields for wrong in field) or str(refusal)
