"""Why a finished analysis says what it says: one nutrient, line by line."""

from __future__ import annotations

from typing import Any

from kernel.errors import Invalid
from nutrition import nutrients
from nutrition.explain import explain
from services.analyses.store import Stored


def explanation(stored: Stored, nutrient: str) -> dict[str, Any]:
    """The explanation of `nutrition.explain`, with the nutrient's name.

    nutrient: a code or an everyday name. Raises Invalid for one that the analysis does not have.
    """
    try:
        code = nutrients.find(nutrient, stored.document["nutrients"]["codes"])
    except KeyError as error:
        reason = str(error.args[0])
        raise Invalid(f"nutrient: {reason}.", {"nutrient": [f"{reason}."]}) from error
    found = explain(stored.document, code)
    return {"nutrient": code, "name": nutrients.name(code), **found}
