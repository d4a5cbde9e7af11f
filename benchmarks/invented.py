"""Recipes out of a seed: varied lines in everyday wording, in the platform's own form.

    python -m benchmarks.invented --count 1000 --seed 7 >recipes.jsonl

The engine remembers lines that it has read, so a benchmark that repeats a few would measure a
dictionary. Amount, unit, food, cut and note are drawn for each line by itself: one line in eleven
has come before in 2,000 recipes, as salt and butter do in real ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

Recipe = dict[str, Any]

_AMOUNTS = ("1", "2", "3", "4", "1/2", "1/4", "3/4", "1 1/2", "2 1/2", "1/3", "2/3", "0.5", "5")
_GRAMS = tuple(range(20, 900, 5))
#: Units (or sizes) and the foods that are told in them.
Kitchen = tuple[tuple[str, ...], tuple[str, ...]]

_MEASURED: Kitchen = (
    ("cup", "cups", "tablespoon", "tablespoons", "teaspoon", "tsp", "tbsp"),
    (
        "all-purpose flour",
        "whole wheat flour",
        "white sugar",
        "packed brown sugar",
        "rolled oats",
        "milk",
        "plain yogurt",
        "sour cream",
        "olive oil",
        "vegetable oil",
        "soy sauce",
        "honey",
        "peanut butter",
        "chicken broth",
        "tomato sauce",
        "long-grain white rice",
        "cornstarch",
        "cocoa powder",
        "grated Parmesan cheese",
        "chopped walnuts",
        "raisins",
        "frozen peas",
        "salt",
        "ground cinnamon",
        "paprika",
        "lemon juice",
    ),
)
_WEIGHED: Kitchen = (
    ("g", "grams", "ounces", "oz", "pounds", "lb", "kg"),
    (
        "ground beef",
        "boneless chicken breast",
        "pork shoulder",
        "salmon fillet",
        "shrimp",
        "cheddar cheese",
        "mozzarella cheese",
        "butter",
        "spaghetti",
        "red lentils",
        "firm tofu",
        "mushrooms",
        "spinach",
        "broccoli",
        "potatoes",
        "dark chocolate",
    ),
)
_COUNTED: Kitchen = (
    ("", "large ", "medium ", "small "),
    (
        "eggs",
        "onions",
        "carrots",
        "cloves garlic",
        "red bell peppers",
        "tomatoes",
        "apples",
        "bananas",
        "lemons",
        "zucchini",
        "stalks celery",
        "sweet potatoes",
    ),
)
_CUTS = ("", ", chopped", ", diced", ", sliced", ", finely chopped", ", melted", ", divided")
_NOTES = ("", "", "", " (or to taste)", " plus more for serving", ", at room temperature")
#: Lines of a recipe: published ones have nine on average.
_LINES = range(5, 14)


def recipes(seed: int) -> Iterator[Recipe]:
    """Endless requests, the same for the same *seed*."""
    rng = random.Random(seed)
    number = 0
    while True:
        number += 1
        yield {
            "title": f"Recipe {number} of seed {seed}",
            "servings": rng.randint(1, 12),
            "ingredients": [_line(rng) for _ in range(rng.choice(_LINES))],
        }


def _line(rng: random.Random) -> str:
    shape = rng.random()
    ending = rng.choice(_CUTS) + rng.choice(_NOTES)
    if shape < 0.5:
        units, foods = _MEASURED
        return f"{rng.choice(_AMOUNTS)} {rng.choice(units)} {rng.choice(foods)}{ending}"
    if shape < 0.75:
        units, foods = _WEIGHED
        unit = rng.choice(units)
        amount = rng.choice(_GRAMS) if unit.startswith("g") else rng.choice(_AMOUNTS)
        return f"{amount} {unit} {rng.choice(foods)}{ending}"
    sizes, foods = _COUNTED
    return f"{rng.choice(_AMOUNTS)} {rng.choice(sizes)}{rng.choice(foods)}{ending}"


def main() -> None:
    """Write recipes to standard output, one a line, as `nutrition batch` takes them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="recipes; default 1000")
    parser.add_argument("--seed", type=int, default=11, help="the same seed, the same recipes")
    options = parser.parse_args()
    for recipe in itertools.islice(recipes(options.seed), options.count):
        print(json.dumps(recipe))


if __name__ == "__main__":
    main()
