"""`nutrition openapi`: the document that clients are generated from."""

from __future__ import annotations

import click

from cli.access import client_options, find_access
from cli.output import emit


@click.command()
@client_options
def openapi(url: str | None, key: str | None, as_json: bool) -> None:
    """Print the platform's OpenAPI 3.1 document (JSON, with or without --json)."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        emit(api.get("/v1/openapi.json"))
