"""Where the platform is and with which key: the one place that decides it.

Options, then the environment, then `var/access.json` that `scripts/up.sh` leaves behind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.exits import CommandFailed, Exit

Command = TypeVar("Command", bound=Callable[..., Any])

HOW = (
    "Start one with ./scripts/up.sh, or name yours: --url and --key, or NUTRITION_URL and "
    "NUTRITION_API_KEY in the environment."
)


@dataclass(frozen=True, slots=True)
class Access:
    """The platform's address, without a slash at its end, and an API key, never shown."""

    url: str
    key: str = field(repr=False)


def client_options(command: Command) -> Command:
    """The options that every client command has: --url, --key and --json."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Write JSON for machines."),
        click.option("--key", metavar="KEY", help="API key; NUTRITION_API_KEY hides it from ps."),
        click.option("--url", metavar="URL", help="Address of the platform."),
    ):
        command = option(command)
    return command


def find_access(
    url: str | None,
    key: str | None,
    environ: Mapping[str, str] | None = None,
    folders: tuple[Path, ...] | None = None,
    *,
    admin: bool = False,
) -> Access:
    """The address and the key, from the first place that has them.

    admin: of the file, the administrators' key; NUTRITION_ADMIN_KEY before NUTRITION_API_KEY.

    The file's key goes to the file's own address and to no other: naming another platform must
    not hand it the key of this one. Raises CommandFailed, saying what is missing and what to do.
    """
    env = os.environ if environ is None else environ
    url = url or env.get("NUTRITION_URL")
    key = key or (admin and env.get("NUTRITION_ADMIN_KEY")) or env.get("NUTRITION_API_KEY")
    if not (url and key):
        saved = _saved(checkouts() if folders is None else folders, admin)
        if saved and url is None:
            url = saved.url
        if saved and key is None and url and url.rstrip("/") == saved.url:
            key = saved.key
    if not url:
        raise CommandFailed(f"No platform is known here. {HOW}", Exit.USAGE)
    if not url.startswith(("http://", "https://")):
        raise CommandFailed(f"The address {url!r} is no http:// or https:// address.", Exit.USAGE)
    if not key:
        raise CommandFailed(f"No API key is known for {url}. {HOW}", Exit.REFUSED)
    if not (key.isascii() and key.isprintable()):
        raise CommandFailed("The API key has characters that no key has.", Exit.USAGE)
    return Access(url.rstrip("/"), key)


def checkouts() -> tuple[Path, ...]:
    """Folders whose `var/` may belong to an installation: the package's checkout, then here."""
    return Path(__file__).resolve().parent.parent, Path.cwd()


def _saved(folders: tuple[Path, ...], admin: bool) -> Access | None:
    for folder in folders:
        path = folder / "var" / "access.json"
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            # One of an older release has no other key, and that one is an administrator's too.
            key = (admin and document.get("admin_key")) or document["api_key"]
            return Access(document["url"].rstrip("/"), key)
        except FileNotFoundError:
            continue
        except PermissionError:
            raise CommandFailed(
                f"{path} belongs to another user: read it as its owner. {HOW}", Exit.REFUSED
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CommandFailed(
                f"{path} is damaged; ./scripts/up.sh writes it anew.", Exit.USAGE
            ) from None
    return None
