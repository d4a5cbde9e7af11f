"""What may be asked of an analysis: the rules of POST /v1/analyses and of each recipe of a batch.

Pure, and free of the engine. The limits are named here so that the HTTP schema states the same.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any

from kernel.errors import Invalid
from kernel.ids import parse_id
from nutrition.cooking import methods
from nutrition.errors import ImpossibleRequest
from nutrition.limits import LEAST_SERVINGS, LEAST_YIELD, MOST_SERVINGS, MOST_YIELD
from services.analyses.jobs import Analyze, Measured

#: Characters of a title, of one ingredient line, of a unit.
TITLE = 200
LINE = 500
UNIT = 40
#: Ingredients of one recipe.
INGREDIENTS = 300
#: The smallest and the largest number of servings, and weight of a yield (g); the engine's own.
SERVINGS_FROM = LEAST_SERVINGS
SERVINGS = MOST_SERVINGS
YIELD_FROM = LEAST_YIELD
YIELD = MOST_YIELD
#: The largest quantity of a measured food.
QUANTITY = 1_000_000
#: Wrong fields after which unknown ones are named no more: a body of 1 MiB has room for 60,000, and
#: to look for what each may have meant would hold a process for seconds.
NAMED = 100

FIELDS = ("ingredients", "title", "servings", "yield_grams", "method")
MEASURED = ("food_id", "quantity", "unit")

Errors = dict[str, list[str]]


def parse_request(body: object) -> Analyze:
    """The analysis that *body*, decoded JSON, asks for.

    Raises Invalid with every field that is wrong, by path (``ingredients.3.quantity``); of fields
    nobody knows, those among the first `NAMED`.
    """
    if not isinstance(body, Mapping):
        raise Invalid(f"A recipe is a JSON object, not {_shape(body)}.")
    errors: Errors = {}
    _unknown(body, FIELDS, "", errors)
    title = _text(body.get("title"), TITLE, "title", errors)
    servings = _number(body.get("servings"), SERVINGS, "servings", errors, SERVINGS_FROM)
    yield_grams = _number(body.get("yield_grams"), YIELD, "yield_grams", errors, YIELD_FROM)
    method = _method(body.get("method"), errors)
    ingredients = _ingredients(body, errors)
    if errors:
        raise Invalid(_summary(errors), errors)
    return Analyze(
        ingredients=ingredients,
        title=title,
        servings=servings,
        yield_grams=yield_grams,
        method=method,
    )


def _method(value: object, errors: Errors) -> str | None:
    """The method's own name, whatever it was called by."""
    name = _text(value, UNIT, "method", errors)
    if name is None:
        return None
    try:
        return methods.find(name).name
    except ImpossibleRequest as error:
        errors["method"] = [str(error)]
        return None


def _ingredients(body: Mapping[str, Any], errors: Errors) -> tuple[str | Measured, ...]:
    given = body.get("ingredients")
    if given is None:
        errors["ingredients"] = ["This field is required."]
        return ()
    if not isinstance(given, list):
        errors["ingredients"] = [f"Must be a list, not {_shape(given)}."]
        return ()
    if not 1 <= len(given) <= INGREDIENTS:
        errors["ingredients"] = [f"Must have 1 to {INGREDIENTS} entries; it has {len(given)}."]
        return ()
    return tuple(
        _ingredient(entry, f"ingredients.{index}", errors) for index, entry in enumerate(given)
    )


def _ingredient(entry: object, path: str, errors: Errors) -> str | Measured:
    if isinstance(entry, str):
        return _text(entry, LINE, path, errors) or ""
    if not isinstance(entry, Mapping):
        errors[path] = [f"Must be a line of text, or {{food_id, quantity, unit}}: {_shape(entry)}."]
        return ""
    _unknown(entry, MEASURED, path + ".", errors)
    for name in MEASURED:
        if entry.get(name) is None:
            errors[f"{path}.{name}"] = ["This field is required."]
    food_id = _text(entry.get("food_id"), UNIT, f"{path}.food_id", errors)
    if food_id is not None and parse_id(food_id) is None:
        errors[f"{path}.food_id"] = ["Must be the id of a food, as GET /v1/foods lists them."]
    quantity = _number(entry.get("quantity"), QUANTITY, f"{path}.quantity", errors)
    unit = _text(entry.get("unit"), UNIT, f"{path}.unit", errors)
    return Measured(food_id=food_id or "", quantity=quantity or 0.0, unit=unit or "")


def _text(value: object, longest: int, path: str, errors: Errors) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        errors[path] = [f"Must be a text, not {_shape(value)}."]
    elif len(value) > longest:
        errors[path] = [f"Must have at most {longest} characters; it has {len(value)}."]
    elif "\0" in value:
        # PostgreSQL stores no NUL, and no recipe has a use for one.
        errors[path] = ["Must not contain NUL characters."]
    elif any("\ud800" <= letter <= "\udfff" for letter in value):
        errors[path] = ["Must be valid Unicode: it has half of a surrogate pair."]
    else:
        return value
    return None


def _number(
    value: object, most: float, path: str, errors: Errors, least: float | None = None
) -> float | None:
    """A finite number above zero, at least *least* where given, at most *most*."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        errors[path] = [f"Must be a number, not {_shape(value)}."]
    # Compared before it is converted: an integer may be too large for a float.
    elif (isinstance(value, float) and not math.isfinite(value)) or not 0 < value <= most:
        errors[path] = [f"Must be above 0, and at most {most:,}."]
    elif least is not None and value < least:
        errors[path] = [f"Must be at least {least}, and at most {most:,}."]
    else:
        return float(value)
    return None


def _unknown(given: Mapping[Any, Any], known: tuple[str, ...], prefix: str, errors: Errors) -> None:
    for name in given:
        if len(errors) >= NAMED:
            return
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            errors[f"{prefix}{str(name)[:UNIT]}"] = [f"Unknown field.{hint}"]


def _summary(errors: Errors) -> str:
    path, reasons = next(iter(errors.items()))
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{path}: {reasons[0]}{more}"


def _shape(value: object) -> str:
    """How JSON calls the form of *value*."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
