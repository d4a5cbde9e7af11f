"""Procrastinate in a virtual environment of its own, so that the platform's lock stays ours."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

import psycopg

#: What is installed. Its version is printed with the results.
PACKAGES = ("procrastinate>=3", "psycopg[binary]>=3.3")


def python(folder: Path) -> Path:
    """The environment's Python; made and filled from the package index at the first call.

    Raises RuntimeError where the index cannot be reached.
    """
    home = folder / "procrastinate"
    program = home / "bin" / "python"
    if not program.exists():
        venv.create(home, with_pip=True)
    installed = subprocess.run(
        [program, "-m", "pip", "install", "--quiet", *PACKAGES], capture_output=True, text=True
    )
    if installed.returncode:
        last = (installed.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise RuntimeError(
            f"Procrastinate could not be installed ({last}). Name a Python that has it: "
            "--procrastinate PYTHON; or leave it out: --procrastinate none"
        )
    return program


def version(program: Path) -> str:
    """The version that *program* imports."""
    code = "from importlib.metadata import version; print(version('procrastinate'))"
    return subprocess.run(
        [program, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def database(admin_url: str) -> str:
    """An empty database of its own on the same server; answers its address."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS peer WITH (FORCE)")
        admin.execute("CREATE DATABASE peer")
    return admin_url.rsplit("/", 1)[0] + "/peer"
