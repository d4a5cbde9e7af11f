"""The platform's side of a start: its own commands, its readiness, the key for this machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from embedded.child import last_words
from embedded.environment import Platform
from embedded.errors import EmbeddedError
from embedded.home import Home
from embedded.private import write_private

READY_SECONDS = 60
FAILING = ("BACKOFF", "EXITED", "FATAL", "UNKNOWN")
EXAMPLE = "data/examples/apple_pie.txt"


def run(home: Home, platform: Platform, *words: str) -> str:
    """Run `nutrition WORDS` with the platform's environment; answers what it printed.

    Raises EmbeddedError with its last words where it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words],
        cwd=home.root,
        env=os.environ | platform.variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        (home.log / "cli.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        raise EmbeddedError(
            f"`nutrition {' '.join(words)}` failed: {last_words(done.stderr or done.stdout)} "
            f"(all of it: {home.log / 'cli.log'})"
        )
    return done.stdout


def is_ready(platform: Platform) -> bool:
    """Whether web takes traffic: /readyz answers 200."""
    return _status(platform, "/readyz") == 200


def await_ready(home: Home, platform: Platform, states: Callable[[], dict[str, str]]) -> None:
    """Wait until web takes traffic. Raises EmbeddedError, naming what does not run, if it stays."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(platform):
        if time.monotonic() > deadline:
            ill = [name for name, state in states().items() if state in FAILING]
            log = home.log / f"{ill[0] if ill else 'web'}.log"
            said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            raise EmbeddedError(
                f"{platform.url}/readyz was not ready within {READY_SECONDS} s; not running: "
                f"{', '.join(ill) or 'nothing'}; {log} ends with: {last_words(said[-4000:])}"
            )
        time.sleep(0.1)


def ensure_access(home: Home, platform: Platform) -> None:
    """Write var/access.json: where the platform is, and keys that it accepts.

    `api_key` is for everybody's use here, `admin_key` for operators' commands: it can be taken out
    of a copy of the file. Those that are there are kept while they work
    (`nutrition keys create --if-missing-file`).
    """
    words = ["keys", "create", "--name", "local", "--role", "admin", "--json"]
    words += ["--member", "api_key", "--member", "admin_key"]
    made = json.loads(run(home, platform, *words, "--if-missing-file", str(home.access)))
    user, _, password = platform.variables["FLOWER_BASIC_AUTH"].partition(":")
    access = {
        "url": platform.url,
        "api_key": made["api_key"],
        "admin_key": made["admin_key"],
        "flower_url": platform.flower_url,
        "flower_user": user,
        "flower_password": password,
    }
    write_private(home.access, json.dumps(access, indent=2) + "\n")


def example_label(home: Home, platform: Platform) -> str:
    """The label of the example recipe, analysed through the platform as anybody's would be."""
    return run(home, platform, "analyze", EXAMPLE)


def addresses(home: Home, platform: Platform) -> str:
    """Where everything is, for the reader."""
    return "\n".join(
        [
            f"  API      {platform.url}/v1    reference: {platform.url}/docs",
            f"  Flower   {platform.flower_url}    (user and password in {home.access})",
            f"  metrics  {platform.metrics_url or 'not served: METRICS_PORT is 0'}",
            f"  key      api_key in {home.access}",
            f"  logs     {home.log}",
        ]
    )


def _status(platform: Platform, path: str) -> int | None:
    """The HTTP status of a GET; None where nobody answers."""
    connection = HTTPConnection(urlsplit(platform.url).netloc, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
