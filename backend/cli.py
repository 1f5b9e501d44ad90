"""`xingfu`: everything an operator does at a prompt. Each command is one door with its own app."""

import os
import sys
from pathlib import Path

import click

from backend import config
from backend.commands.backup import backup
from backend.commands.check import check
from backend.commands.create_staff import create_staff
from backend.commands.demo_data import demo_data
from backend.commands.draw_finish import draw_finish
from backend.commands.draw_verify import draw_verify
from backend.commands.openapi import openapi
from backend.commands.restore import restore
from backend.commands.rotate_keys import rotate_keys
from backend.commands.scheduler import scheduler
from backend.wechat.standin.command import command as wechat_standin

ROOT = Path(__file__).resolve().parent.parent


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="xingfu")
def main() -> None:
    """Xingfu 幸福家园: community services of a district, booked on a phone.

    Settings come from the environment (docs/operating.md lists them); DATABASE_URL names the
    database. A first installation: `xingfu migrate`, then `xingfu create-staff`, then
    `xingfu serve` and `xingfu scheduler` side by side.
    """
    try:
        config.load()
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port.")
@click.option("--workers", type=click.IntRange(1, 64), help="Default: one for each core, up to 8.")
def serve(bind: str, workers: int | None) -> None:
    """Serve the residents' API and the staff console with gunicorn.

    Runs behind nginx in production; stop it with Ctrl-C, requests under way are finished.
    """
    arguments = ["gunicorn", "--config", "python:backend.gunicorn", "--bind", bind]
    if workers:
        arguments += ["--workers", str(workers)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *arguments, "backend.wsgi:app"])  # noqa: S606


@main.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision, or base.")
def migrate(revision: str) -> None:
    """Bring the database's tables to this version (or back to an earlier one)."""
    from backend import migrating

    migrating.migrate(config.load(), revision)
    click.echo(f"The database is at {migrating.describe(config.load())}.")


main.add_command(check)
main.add_command(create_staff)
main.add_command(demo_data)
main.add_command(scheduler)
main.add_command(backup)
main.add_command(restore)
main.add_command(rotate_keys)
main.add_command(openapi)
main.add_command(draw_finish)
main.add_command(draw_verify)
main.add_command(wechat_standin)
