"""Published recipes made into requests for `nutrition batch`.

    python benchmarks/recipes.py --data DIR --out recipes.jsonl
    nutrition batch recipes.jsonl --out results.jsonl

DIR holds `recipes_allrecipes.jsonl` (name, ingredients, servings_n) and `recipes_scraped.jsonl`
(title, ingredients, yields), in their publishers' forms. What those forms need is here and not in
the product: servings out of "2 dozen" or "12 muffins". `custom_id` is the file and the line, by
which a result finds its row and the row's published figures again.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: A yield that counts what is eaten: "4 servings", "24 cookies", "Serves 4 to 6", "3 1/2 dozen".
_COUNT = re.compile(
    r"(?:(?:serves|makes|yields?|servings?)\b:?\s*)?(?:about\s+)?"
    r"(\d+(?:\.\d+)?)(?:\s+(\d)/(\d))?"
    r"(?:\s*(?:-|\u2013|to)\s*(\d+(?:\.\d+)?))?"
    r"((?:\s+[^\W\d]+)*)",
    re.IGNORECASE,
)
#: A measure does not say how many people eat of it, nor does a few of what is cut up.
_MEASURES = frozenset(
    {
        "cup",
        "quart",
        "pint",
        "gallon",
        "liter",
        "litre",
        "ounce",
        "oz",
        "pound",
        "lb",
        "jar",
        "batch",
    }
    | {"gram", "g", "kg", "ml", "l", "recipe", "layer"}
)
_WHOLES = frozenset(
    ["loaf", "loave", "cake", "pie", "cheesecake", "cobbler", "pan", "dish", "crust", "ring"]
)
_FEW = 6
_DOZEN = 12


def main() -> None:
    """Write the requests, and say how many, on standard error."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the two recipe files")
    parser.add_argument("--out", type=Path, required=True, help="NDJSON of requests to write")
    options = parser.parse_args()
    try:
        requests = [*allrecipes(options.data), *scraped(options.data)]
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing: --data names the folder with the recipe files")
    with options.out.open("w", encoding="utf-8") as file:
        for request in requests:
            file.write(json.dumps(request, ensure_ascii=False) + "\n")
    with_servings = sum("servings" in request for request in requests)
    lines = sum(len(request["ingredients"]) for request in requests)
    sys.stderr.write(
        f"{options.out}: {len(requests)} recipes, {lines} ingredient lines, "
        f"{with_servings} recipes with servings\n"
    )


def allrecipes(folder: Path) -> Iterator[dict[str, Any]]:
    """Requests of the one publisher's rows. Their servings were read already (servings_n)."""
    for custom_id, row in _rows(folder, "recipes_allrecipes"):
        yield request(custom_id, row["name"], row["servings_n"], row["ingredients"])


def scraped(folder: Path) -> Iterator[dict[str, Any]]:
    """Requests of many publishers' rows."""
    for custom_id, row in _rows(folder, "recipes_scraped"):
        yield request(custom_id, row["title"], servings_of(row["yields"]), row["ingredients"])


def request(
    custom_id: str, title: str, servings: float | None, ingredients: list[str]
) -> dict[str, Any]:
    """One request; servings is absent where nobody said."""
    stated = {"servings": servings} if servings else {}
    return {"custom_id": custom_id, "title": title, **stated, "ingredients": ingredients}


def servings_of(yields: object) -> float | None:
    """Servings that a published yield states, or None.

    "4 servings" is 4, "24 cookies" 24, "2 dozen" 24, "4-6 servings" 5; "6 cups", "1 loaf",
    "1 9-inch cake", no yield and what is neither text nor a number are None.
    """
    if isinstance(yields, int | float) and not isinstance(yields, bool):
        yields = f"{yields:g}"
    stated = _COUNT.fullmatch(yields.strip()) if isinstance(yields, str) else None
    if stated is None:
        return None
    words = stated[5].lower().split()
    kinds = {word.removesuffix("s") for word in words}
    least = float(stated[1])
    if stated[2] and float(stated[3]):
        least += float(stated[2]) / float(stated[3])
    most = float(stated[4]) if stated[4] else least
    found = (least + most) / 2 * (_DOZEN if "dozen" in words else 1)
    if found <= 0 or kinds & _MEASURES or (kinds & _WHOLES and found < _FEW):
        return None
    return found


def _rows(folder: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            yield f"{name}:{number}", json.loads(line)


if __name__ == "__main__":
    main()
