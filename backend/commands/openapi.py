"""`xingfu openapi`: write down what the residents' API offers."""

import json
from pathlib import Path

import click

from backend.commands.application import application


def document() -> str:
    """The OpenAPI document as JSON, the same on every machine and in every deployment."""
    from miniprogram_api.openapi import current_document

    with application():
        return json.dumps(current_document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@click.command("openapi")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def openapi(file: Path | None) -> None:
    """Write the OpenAPI document of the residents' API to FILE, or to the screen.

    It is what /mp/v1/openapi.json answers.
    """
    if file is None:
        click.echo(document(), nl=False)
    else:
        file.write_text(document(), encoding="utf-8")
