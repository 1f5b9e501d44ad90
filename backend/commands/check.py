"""`xingfu check`: the audit an operator runs after a restore, an upgrade or a doubt."""

from datetime import timedelta
from itertools import islice

import click

import backend.booking.check
import backend.canteen.accounts.check
import backend.canteen.carrying.check
import backend.canteen.claims.check
import backend.canteen.delivery.check
import backend.canteen.eaters.check
import backend.canteen.guests.check
import backend.canteen.kitchen.check
import backend.canteen.ordering.check
import backend.canteen.pricing.check
import backend.canteen.repeating.check
import backend.canteen.serving.check
import backend.canteen.welfare.check
import backend.market.check
import backend.night_school.check
import backend.night_school.draws.check
import backend.night_school.fees.check
import backend.night_school.statistics.check
import backend.people.check
import backend.places.check
import backend.reminders.check
import backend.standing.check
import backend.venues.check
from backend import checking, clock
from backend.checking import Check, Finding
from backend.commands.application import application
from backend.db import db

ROWS_SHOWN = 20

# PostgreSQL guards its files and foreign keys itself; an SQLite file may have been edited by hand.
STORAGE = (
    Check(
        "file-is-sound",
        "the database file is not damaged",
        """
        SELECT integrity_check AS damage
        FROM pragma_integrity_check WHERE integrity_check <> 'ok'
        """,
        only="sqlite",
    ),
    Check(
        "no-orphans",
        "every row that points at another finds it",
        'SELECT "table", rowid AS "row", parent AS missing_in FROM pragma_foreign_key_check',
        only="sqlite",
    ),
)

EVERY_CHECK = (
    *STORAGE,
    *backend.places.check.CHECKS,
    *backend.people.check.CHECKS,
    *backend.booking.check.CHECKS,
    *backend.standing.check.CHECKS,
    *backend.night_school.check.CHECKS,
    *backend.night_school.draws.check.CHECKS,
    *backend.night_school.fees.check.CHECKS,
    *backend.night_school.statistics.check.CHECKS,
    *backend.venues.check.CHECKS,
    *backend.market.check.CHECKS,
    *backend.canteen.eaters.check.CHECKS,
    *backend.canteen.pricing.check.CHECKS,
    *backend.canteen.kitchen.check.CHECKS,
    *backend.canteen.ordering.check.CHECKS,
    *backend.canteen.accounts.check.CHECKS,
    *backend.canteen.repeating.check.CHECKS,
    *backend.canteen.guests.check.CHECKS,
    *backend.canteen.serving.check.CHECKS,
    *backend.canteen.welfare.check.CHECKS,
    *backend.canteen.delivery.check.CHECKS,
    *backend.canteen.claims.check.CHECKS,
    *backend.canteen.carrying.check.CHECKS,
    *backend.reminders.check.CHECKS,
)


def audit(grace: timedelta) -> list[Finding]:
    """Every finding on the current application's database; nothing is written."""
    return list(checking.run(db.session.connection(), EVERY_CHECK, clock.now() - grace))


@click.command()
@click.option(
    "--grace", default=60, show_default=True, type=click.IntRange(0, 100_000), metavar="MINUTES",
    help="How long an offer may have run out, or a reminder be due, before it counts as stuck.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Show only what is wrong.")
def check(grace: int, quiet: bool) -> None:
    """Audit the database: do the counters, lines, rooms and reminders add up?

    Reads only, and may run beside a live system. Each check is one line; under one that fails
    stand the rows that break it. The exit code is 0 when all holds, 1 when something does not.

    Run it after a restore, after an upgrade, and daily from cron with --quiet.
    """
    with application():
        findings = audit(timedelta(minutes=grace))
    for finding in findings:
        if finding.rows or not quiet:
            click.echo("\n".join(_lines(finding)))
    wrong = sum(bool(finding.rows) for finding in findings)
    if wrong:
        raise click.ClickException(f"{wrong} of {len(findings)} checks found something wrong.")
    if not quiet:
        click.echo(f"All {len(findings)} checks hold.")


def _lines(finding: Finding) -> list[str]:
    mark = "WRONG" if finding.rows else "ok"
    lines = [f"{mark:<6}{finding.check.name:<24}{finding.check.sentence}"]
    for row in islice(finding.rows, ROWS_SHOWN):
        lines.append("        " + " ".join(f"{name}={value}" for name, value in row.items()))
    if (more := len(finding.rows) - ROWS_SHOWN) > 0:
        lines.append(f"        and {more} more")
    return lines
