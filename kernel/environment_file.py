"""The file of variables that a start leaves behind (`var/platform.env`), for shells and for us."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def parse(text: str) -> dict[str, str]:
    """The variables in *text*. Raises ValueError where a quotation is never closed."""
    words = shlex.split(text, comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def render(variables: Mapping[str, str], heading: str) -> str:
    """The file: *heading* as a comment, then the variables by name."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    return "\n".join([f"# {heading}", *lines, ""])
