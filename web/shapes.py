"""Shapes of request bodies, as JSON Schema: what services/analyses/requests.py and ours check.

Batches hold each of their recipes to the same rules, in a worker and without any schema library,
so the rules live there; these shapes state them, with the same limits, for the OpenAPI document.
tests/web/test_contract.py finds every disagreement: what a shape allows must be accepted, and what
it forbids refused.
"""

from __future__ import annotations

from typing import Any

from kernel import addresses
from nutrition.cooking import methods
from services.analyses import requests

#: The caller's own strings on a job: how many, and how long a name and a value may be.
METADATA, METADATA_NAME, METADATA_VALUE = 16, 64, 512
#: URLs that we may be asked to call: their length, and their form as far as a pattern can tell it.
#: kernel/addresses.py decides; it takes public addresses in place of a name as well.
CALLABLE_LENGTH = addresses.LONGEST
_PORT = (
    "80|443|102[4-9]|10[3-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}"
    "|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
)
CALLABLE = (
    "^https?://([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*"
    f'[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?(:({_PORT}))?([/?][!-"$-~]*)?$'
)
#: Characters of a recipe's own name in a batch.
CUSTOM_ID = 200

Shape = dict[str, Any]


def reference(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(longest: int, shortest: int = 0) -> Shape:
    # No NUL: PostgreSQL stores none.
    return {
        "type": "string",
        "minLength": shortest,
        "maxLength": longest,
        "pattern": "^[^\\u0000]*$",
    }


def _above_zero(most: float) -> Shape:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": most}


def _between(least: float, most: float) -> Shape:
    return {"type": "number", "minimum": least, "maximum": most}


def _or_null(shape: Shape, description: str) -> Shape:
    return {**shape, "type": [shape["type"], "null"], "description": description}


def _object(description: str, required: list[str], **properties: Shape) -> Shape:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_MEASURED = _object(
    "One ingredient that needs no parsing.",
    ["food_id", "quantity", "unit"],
    food_id={"type": "string", "format": "uuid", "description": "As /v1/foods has it."},
    quantity=_above_zero(requests.QUANTITY),
    unit={**_text(requests.UNIT), "description": "Such as `g`, `cup`, `large`."},
)

_RECIPE: dict[str, Shape] = {
    "ingredients": {
        "type": "array",
        "items": {"oneOf": [_text(requests.LINE), reference("MeasuredFood")]},
        "minItems": 1,
        "maxItems": requests.INGREDIENTS,
        "description": "Lines as people write them, and measured foods.",
    },
    "title": _or_null(_text(requests.TITLE), "Repeated in the analysis."),
    "servings": _or_null(
        _between(requests.SERVINGS_FROM, requests.SERVINGS), "For `per_serving` and the label."
    ),
    "yield_grams": _or_null(
        _between(requests.YIELD_FROM, requests.YIELD), "Weight as cooked, in grams."
    ),
    "method": {
        "type": ["string", "null"],
        "enum": [*(n for m in methods.METHODS for n in (m.name, *m.aliases)), None],
        "description": "How it is cooked: what heat and water leave of the nutrients.",
    },
}

_METADATA: Shape = {
    "type": "object",
    "description": f"Up to {METADATA} strings of your own, shown on the job.",
    "maxProperties": METADATA,
    "propertyNames": _text(METADATA_NAME, 1),
    "additionalProperties": _text(METADATA_VALUE),
}

_BATCH_RECIPE = _object(
    "One recipe of a batch. A bad one is a failed result, and fails no other.",
    ["ingredients"],
    **_RECIPE,
    custom_id={**_text(CUSTOM_ID), "description": "Your own name for it; its result repeats it."},
)

#: Component schemas by name.
SHAPES: dict[str, Shape] = {
    "MeasuredFood": _MEASURED,
    "AnalysisRequest": _object(
        "A recipe or meal.",
        ["ingredients"],
        **_RECIPE,
        metadata=_METADATA,
        callback_url={
            "type": "string",
            "maxLength": CALLABLE_LENGTH,
            "pattern": CALLABLE,
            "description": "Called when the job has ended, as a webhook endpoint is.",
        },
    ),
    "BatchRecipe": _BATCH_RECIPE,
    "BatchRequest": _object(
        "Recipes as one JSON document.",
        ["recipes"],
        recipes={
            "type": "array",
            # Any object is taken: what is no recipe becomes a failed result of its own.
            "items": {"anyOf": [reference("BatchRecipe"), {"type": "object"}]},
            "minItems": 1,
        },
        metadata=_METADATA,
    ),
}
