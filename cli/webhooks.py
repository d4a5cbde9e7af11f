"""`nutrition webhooks`: where the account is called, and what came of it, over HTTP."""

from __future__ import annotations

import json
import uuid
from itertools import islice
from typing import Any

import click

from cli.access import client_options, find_access
from cli.output import emit, emit_line, note, printable, table

STATES = ("pending", "delivered", "failed", "skipped")
STYLES = {"delivered": "green", "failed": "bold red", "skipped": "yellow"}
PAGE = 100

endpoint_argument = click.argument("endpoint", type=click.UUID)


@click.group()
def webhooks() -> None:
    """List, add and remove webhook endpoints; look into their deliveries."""


@webhooks.command("list")
@client_options
def list_endpoints(url: str | None, key: str | None, as_json: bool) -> None:
    """List endpoints, newest first. --json writes one a line."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        found = [
            one for page in api.pages("/v1/webhooks", {"limit": PAGE}) for one in page["items"]
        ]
    if as_json:
        for endpoint in found:
            emit_line(endpoint)
    elif found:
        rows = [(_endpoint_row(one), "" if one["enabled"] else "yellow") for one in found]
        table(("Id", "URL", "Events", "State"), rows, whole=("Id",))
    else:
        note("No webhook endpoints.")


@webhooks.command()
@click.argument("address")
@click.option("--events", default="*", show_default=True, help="Comma-separated event types.")
@click.option("--description", default="", help="Your own words.")
@client_options
def add(
    address: str, events: str, description: str, url: str | None, key: str | None, as_json: bool
) -> None:
    """Add an endpoint at ADDRESS, and print the secret that verifies its messages."""
    from cli.api import Api

    form = {
        "url": address,
        "events": [one.strip() for one in events.split(",") if one.strip()],
        "description": description,
    }
    with Api(find_access(url, key)) as api:
        made = _post(api, "/v1/webhooks", form)
    if as_json:
        emit(made)
    else:
        click.echo(printable(made["secret"]))
        note(f"Endpoint {made['id']}. Its messages are signed with this secret.")


@webhooks.command()
@endpoint_argument
@click.option("--state", type=click.Choice(STATES), help="Only deliveries in this state.")
@click.option("--limit", default=20, type=click.IntRange(min=1), show_default=True)
@client_options
def deliveries(
    endpoint: uuid.UUID,
    state: str | None,
    limit: int,
    url: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """List what an endpoint was told, newest first. --json writes one delivery a line."""
    from cli.api import Api

    asked: dict[str, str | int] = {"limit": min(limit, PAGE)} | ({"state": state} if state else {})
    with Api(find_access(url, key)) as api:
        pages = api.pages(f"/v1/webhooks/{endpoint}/deliveries", asked)
        found = list(islice((one for page in pages for one in page["items"]), limit))
    if as_json:
        for delivery in found:
            emit_line(delivery)
    elif found:
        rows = [(_delivery_row(one), STYLES.get(one["state"], "")) for one in found]
        heads = ("Id", "Type", "State", "Attempts", "Created", "Next attempt")
        table(heads, rows, right=("Attempts",), whole=("Id",))
    else:
        note("No deliveries.")


@webhooks.command()
@endpoint_argument
@click.argument("delivery", type=click.UUID)
@client_options
def show(
    endpoint: uuid.UUID, delivery: uuid.UUID, url: str | None, key: str | None, as_json: bool
) -> None:
    """Show a delivery: each attempt, and what was sent."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        found = api.get(f"/v1/webhooks/{endpoint}/deliveries/{delivery}")
    if as_json:
        emit(found)
        return
    click.echo(printable(f"{found['type']}: {found['state']}"))
    for one in found["log"]:
        what = one["error"] or f"{one['status']} {one['excerpt']}".rstrip()
        click.echo(
            printable(f"{one['number']:>3}  {_moment(one['at'])}  {one['seconds']:.2f} s  {what}")
        )
    click.echo(json.dumps(found["payload"], indent=2))


@webhooks.command()
@endpoint_argument
@click.argument("delivery", type=click.UUID)
@client_options
def redeliver(
    endpoint: uuid.UUID, delivery: uuid.UUID, url: str | None, key: str | None, as_json: bool
) -> None:
    """Deliver once more what has ended: the same message under the same id."""
    _sent(f"/v1/webhooks/{endpoint}/deliveries/{delivery}/redeliver", url, key, as_json)


@webhooks.command()
@endpoint_argument
@client_options
def ping(endpoint: uuid.UUID, url: str | None, key: str | None, as_json: bool) -> None:
    """Send a test event."""
    _sent(f"/v1/webhooks/{endpoint}/ping", url, key, as_json)


@webhooks.command()
@endpoint_argument
@client_options
def rotate(endpoint: uuid.UUID, url: str | None, key: str | None, as_json: bool) -> None:
    """Replace the secret and print the new one; for 24 hours the old one signs too."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        # Once: a second try would replace what the first has made.
        changed = api.send("POST", f"/v1/webhooks/{endpoint}/rotate").json()
    if as_json:
        emit(changed)
    else:
        click.echo(printable(changed["secret"]))
        note(f"The secret before it signs until {_moment(changed['previous_until'])}.")


@webhooks.command()
@endpoint_argument
@client_options
def enable(endpoint: uuid.UUID, url: str | None, key: str | None, as_json: bool) -> None:
    """Enable an endpoint again, and forgive its failures."""
    from cli.api import Api, document

    with Api(find_access(url, key)) as api:
        body, headers = b'{"enabled": true}', {"Content-Type": "application/json"}
        changed = document(
            api.send("PATCH", f"/v1/webhooks/{endpoint}", body=body, headers=headers)
        )
    if as_json:
        emit(changed)
    else:
        click.echo(f"Endpoint {endpoint} is enabled.")


@webhooks.command()
@endpoint_argument
@client_options
def remove(endpoint: uuid.UUID, url: str | None, key: str | None, as_json: bool) -> None:
    """Remove an endpoint and its deliveries."""
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        api.send("DELETE", f"/v1/webhooks/{endpoint}")
    if as_json:
        emit({"id": str(endpoint), "removed": True})
    else:
        click.echo(f"Endpoint {endpoint} is removed.")


def _post(api: Any, path: str, form: dict[str, Any]) -> Any:
    from cli.api import document

    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    return document(api.send("POST", path, body=json.dumps(form).encode(), headers=headers))


def _sent(path: str, url: str | None, key: str | None, as_json: bool) -> None:
    from cli.api import Api

    with Api(find_access(url, key)) as api:
        delivery = _post(api, path, {})
    if as_json:
        emit(delivery)
    else:
        click.echo(printable(f"Delivery {delivery['id']} is {delivery['state']}."))


def _endpoint_row(endpoint: dict[str, Any]) -> tuple[object, ...]:
    events = ", ".join(endpoint["events"]) or "when named"
    state = "enabled" if endpoint["enabled"] else f"disabled: {endpoint['disabled_reason']}"
    if endpoint["enabled"] and endpoint["failing_since"]:
        state = f"failing since {_moment(endpoint['failing_since'])}"
    return endpoint["id"], endpoint["url"], events, state


def _delivery_row(delivery: dict[str, Any]) -> tuple[object, ...]:
    later = delivery["next_attempt_at"]
    return (
        *(delivery[name] for name in ("id", "type", "state", "attempts")),
        _moment(delivery["created_at"]),
        _moment(later) if later else "",
    )


def _moment(at: str) -> str:
    return f"{at[:19].replace('T', ' ')}Z"
