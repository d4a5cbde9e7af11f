"""Recipes as people keep them in a file, made into the body of `POST /v1/analyses`.

    # American Apple Pie
    servings: 8
    2 1/2 cups all-purpose flour
    1 teaspoon salt

The title, `servings:`, `yield_grams:` and `method:` (baked, boiled, …) are optional and stand
before the ingredients, one a line. Empty lines and further lines that begin with `#` are skipped. A
file that begins with `{` is a request already and is sent as it is, so that the platform judges
every byte of it.
"""

from __future__ import annotations

import math
import re
from typing import Any

from cli.exits import CommandFailed, Exit
from kernel import codec

_HEADER = re.compile(r"(servings|yield_grams|method)\s*:\s*(.*)", re.IGNORECASE)
#: What people put before a line of a list.
_BULLET = re.compile(r"[-*•]\s+")


def request_body(data: bytes, name: str) -> bytes:
    """The JSON request for the recipe that *data* holds; *name* is the file's, for messages.

    Raises CommandFailed where it is no text, a figure is no number, or there is no ingredient.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandFailed(
            f"{name} is not UTF-8 text (byte {error.start}): is it a recipe?", Exit.USAGE
        ) from None
    if text.lstrip().startswith("{"):
        return text.strip().encode()
    return codec.dumps(recipe_request(text, name))


def recipe_request(text: str, name: str) -> dict[str, Any]:
    """The request that a recipe's text stands for."""
    request: dict[str, Any] = {}
    ingredients: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("#"):
            if "title" not in request and not ingredients and line.strip("# "):
                request["title"] = line.strip("# ")
            continue
        header = None if ingredients else _HEADER.fullmatch(line)
        if header:
            field, value = header[1].lower(), header[2]
            request[field] = value if field == "method" else _number(field, value, name, number)
        elif bare := line.removeprefix(bullet[0] if (bullet := _BULLET.match(line)) else ""):
            ingredients.append(bare)
    if not ingredients:
        raise CommandFailed(
            f"{name} has no ingredients: after an optional '# Title' and 'servings: N' comes one "
            "ingredient a line.",
            Exit.USAGE,
        )
    return {**request, "ingredients": ingredients}


def _number(field: str, written: str, name: str, line: int) -> float | int:
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CommandFailed(
            f"{name}, line {line}: {field} is {written!r}; it must be a number.", Exit.USAGE
        )
    return int(value) if value.is_integer() else value
