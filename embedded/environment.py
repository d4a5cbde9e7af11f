"""The environment of the platform's processes: the caller's values first, then generated ones.

Secrets are made once and kept in `var/platform.env`; addresses follow the engines at every start.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.engines import Installation
from embedded.errors import EmbeddedError
from embedded.home import Home
from embedded.ports import free_port, is_free
from embedded.private import write_private
from kernel import environment_file


@dataclass(frozen=True, slots=True)
class Platform:
    """What a start decides: the variables, and which engines are ours to run."""

    variables: dict[str, str]
    own_database: bool
    own_redis: bool

    @classmethod
    def saved(cls, home: Home) -> "Platform":
        """That of the last start, for whoever looks at a running platform."""
        return cls(_generated(home) | read(home.environment), own_database=False, own_redis=False)

    @property
    def url(self) -> str:
        """Where web is reached."""
        return f"http://127.0.0.1:{self.variables['WEB_PORT']}"

    @property
    def flower_url(self) -> str:
        """Where Flower is reached."""
        return f"http://127.0.0.1:{self.variables['FLOWER_PORT']}"

    @property
    def metrics_url(self) -> str | None:
        """Where Prometheus scrapes; None where METRICS_PORT is 0."""
        port = self.variables["METRICS_PORT"]
        return None if port == "0" else f"http://127.0.0.1:{port}/metrics"

    @property
    def ports(self) -> dict[str, int]:
        """Variable → the port that it names. Metrics have none where METRICS_PORT is 0."""
        names = ["WEB_PORT", "FLOWER_PORT"]
        if self.variables["METRICS_PORT"] != "0":
            names.append("METRICS_PORT")
        return {name: _port(name, self.variables[name]) for name in names}

    def lesser(self) -> dict[str, str]:
        """The variables without the schema owner's address: serving must not need it."""
        return {name: value for name, value in self.variables.items() if name != OWNER_VARIABLE}


OWNER_VARIABLE = "DATABASE_OWNER_URL"
#: The port that exporters of OpenTelemetry use for Prometheus.
METRICS = 9464
HEADING = "Written by scripts/up.sh at every start; the caller's environment wins over it."


def compose(home: Home, installation: Installation, caller: Mapping[str, str]) -> Platform:
    """Decide the environment from what the *caller* set, what is kept, and what is new."""
    ours = installation.database_env() | installation.redis_env()
    # Somebody who exported var/platform.env gives us our own addresses back: still our engines.
    given = {name: caller[name] for name in SETTABLE if caller.get(name)}
    own_database = given.get("DATABASE_URL", ours["DATABASE_URL"]) == ours["DATABASE_URL"]
    own_redis = given.get("REDIS_URL", ours["REDIS_URL"]) == ours["REDIS_URL"]
    variables = _generated(home) | _secrets(home)
    if own_database:
        variables |= {name: ours[name] for name in ("DATABASE_URL", OWNER_VARIABLE)}
    else:
        variables[OWNER_VARIABLE] = given["DATABASE_URL"]
    if own_redis:
        variables |= installation.redis_env()
    else:
        variables["CACHE_REDIS_URL"] = given["REDIS_URL"]
    return Platform(variables | given, own_database, own_redis)


def save(home: Home, platform: Platform) -> None:
    """Write the variables to `var/platform.env` in a form that a shell can read."""
    write_private(home.environment, environment_file.render(platform.variables, HEADING))


def read(path: Path) -> dict[str, str]:
    """The variables that an earlier start saved; none before the first.

    Raises EmbeddedError where the file is damaged.
    """
    try:
        return environment_file.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise EmbeddedError(
            f"{path} is damaged ({error}): mend it, or remove it and new secrets are made"
        ) from error


def _generated(home: Home) -> dict[str, str]:
    return {
        "WEB_PORT": "8000",
        "FLOWER_PORT": "5555",
        "METRICS_PORT": _metrics_port(home),
        "OBJECT_STORE_URL": (home.var / "objects").as_uri(),
        "DATA_FOLDER": str(home.root / "data"),
        "WORK_FOLDER": str(home.var / "work"),
    }


def _metrics_port(home: Home) -> str:
    """The port of the last start. At the first METRICS, or another: nobody types it by heart."""
    kept = read(home.environment).get("METRICS_PORT")
    return kept or str(METRICS if is_free(METRICS) else free_port())


def _secrets(home: Home) -> dict[str, str]:
    kept = read(home.environment)
    return {
        "JWT_SECRET": kept.get("JWT_SECRET") or secrets.token_urlsafe(48),
        "FLOWER_BASIC_AUTH": kept.get("FLOWER_BASIC_AUTH")
        or f"nutrition:{secrets.token_urlsafe(18)}",
        "BACKUP_KEY": kept.get("BACKUP_KEY") or secrets.token_urlsafe(32),
    }


# What the caller may decide; every other variable of theirs reaches the processes untouched.
SETTABLE = (
    "DATABASE_URL",
    OWNER_VARIABLE,
    "REDIS_URL",
    "CACHE_REDIS_URL",
    "JWT_SECRET",
    "BACKUP_KEY",
    "BACKUP_KEY_PREVIOUS",
    "FLOWER_BASIC_AUTH",
    "WEB_PORT",
    "FLOWER_PORT",
    "METRICS_PORT",
    "OBJECT_STORE_URL",
    "DATA_FOLDER",
    "WORK_FOLDER",
)


def _port(name: str, value: str) -> int:
    if value.isdecimal() and 0 < int(value) < 65536:
        return int(value)
    raise EmbeddedError(f"{name} is {value!r}; it must be a port, 1 to 65535")
