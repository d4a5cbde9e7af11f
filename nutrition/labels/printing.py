"""The labels of an analysis that was kept, in any of their forms.

Made from the kept document alone (`nutrition.documents`), without the engine and its tables: an
analysis of long ago gets today's label, from the figures that it was given then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from nutrition.labels import eu, eu_svg, eu_text, fda, html, svg, text
from nutrition.labels.daily_values import ADULTS, AGES_1_TO_3

Standard = Literal["fda", "eu"]
Audience = Literal["adults", "ages-1-3"]
STANDARDS: tuple[Standard, ...] = ("fda", "eu")
AUDIENCES: tuple[Audience, ...] = ("adults", "ages-1-3")

_VERSIONS: Mapping[Audience, str] = {"adults": ADULTS, "ages-1-3": AGES_1_TO_3}


def label_of(
    kept: Mapping[str, Any],
    standard: Standard = "fda",
    audience: Audience = "adults",
    *,
    weighed: float | None = None,
) -> dict[str, Any]:
    """The label's document, ready for JSON. kept: what `Analysis.kept` gave.

    weighed: share of the food lines that the yield adds up; None: as the kept label has it.
    audience: whose Daily Values; the EU has reference intakes of adults alone. Raises ValueError
    for a standard or an audience there is none of, and for an EU declaration for children.
    """
    if standard not in STANDARDS or audience not in AUDIENCES:
        raise ValueError(f"there is no label {standard!r} for {audience!r}")
    if standard == "eu" and audience != "adults":
        raise ValueError("the EU has reference intakes of adults alone")
    nutrients, servings, grams = kept["nutrients"], kept["servings"], kept.get("yield_grams")
    totals = {
        code: math.nan if total is None else total
        for code, total in zip(nutrients["codes"], nutrients["totals"], strict=True)
    }
    coverage = dict(zip(nutrients["codes"], nutrients["coverage"], strict=True))
    # How much of the recipe the weight adds up is not to be had from the totals: as it was found.
    if weighed is None:
        weighed = kept["label"]["serving_grams_coverage"]
    if standard == "eu":
        return eu.table(
            totals,
            coverage,
            servings=servings,
            grams=grams,
            weighed=weighed,
            basis=kept.get("yield_grams_basis", eu.STATED),
            title=kept["title"],
        )
    portions = servings or 1
    return fda.label(
        {code: total / portions for code, total in totals.items()},
        servings,
        grams / portions if grams else None,
        coverage=coverage,
        weighed=weighed,
        title=kept["title"],
        version=_VERSIONS[audience],
    )


def as_text(document: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """A label's document for a terminal of that encoding, without a newline at the end."""
    panel = eu_text.panel if _is_eu(document) else text.panel
    return panel(document, encoding)


def as_svg(document: Mapping[str, Any]) -> str:
    """A label's document as a standalone SVG document."""
    draw: Callable[[Mapping[str, Any]], str] = eu_svg.svg if _is_eu(document) else svg.svg
    return draw(document)


def as_html(document: Mapping[str, Any]) -> str:
    """A label's document as a page; `html.STYLE_DIGEST` is its style's."""
    return html.eu_page(document) if _is_eu(document) else html.fda_page(document)


def _is_eu(document: Mapping[str, Any]) -> bool:
    return bool(document["format"] == eu.FORMAT)
