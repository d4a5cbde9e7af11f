"""Where a figure comes from: for one nutrient, what each line gave, and what nobody knows.

Made from an analysis as it was kept (`nutrition.keeping`), so that what is explained is the very
figure that was answered, whatever engine runs by now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nutrition.documents import amounts_of, rounded

# What stands behind the share of water in the place of a table.
WATER_LEFT = "what the weight of the dish leaves for water, alike for every line"


def explain(kept: dict[str, Any], code: str) -> dict[str, Any]:
    """The explanation of one nutrient's total: `lines` add up to `amount`, largest first.

    code: as in the analysis ("FE"). Each line has its food, grams and their basis, the table's
    value per 100 g with the number of analyses behind it (0: calculated or assumed by USDA), what
    cooking left of it (above 1 where the dish took up water), and its share of the total in
    percent. `unknown_lines` names the lines that may hold more: those without a food or weight, and
    those whose food was never analysed for it.
    Raises KeyError for a code that the analysis does not have.
    """
    nutrients = kept["nutrients"]
    try:
        place = nutrients["codes"].index(code)
    except ValueError:
        raise KeyError(code) from None
    total = nutrients["totals"][place]
    document: dict[str, Any] = {
        "nutrient": code,
        "unit": nutrients["units"][place],
        "amount": None if total is None else rounded(total),
        "coverage": nutrients["coverage"][place],
    }
    for end in ("low", "high"):
        if nutrients.get(end) and nutrients[end][place] is not None:
            document[end] = rounded(nutrients[end][place])
    known = sorted(_known(kept, place, total), key=lambda line: -line["amount"])
    return document | {"lines": known, "unknown_lines": list(_unknown(kept, place))}


def _known(kept: dict[str, Any], place: int, total: float | None) -> Iterator[dict[str, Any]]:
    code = kept["nutrients"]["codes"][place]
    for number, line in enumerate(kept["lines"]):
        if line["status"] != "ok":
            continue
        amount = amounts_of(line, kept["nutrients"]["codes"], [place])[0]
        if amount is None or total is None:
            continue
        entry = {
            "line": number,
            **{
                name: line[name]
                for name in (
                    *("text", "food", "confidence", "grams", "grams_basis"),
                    *("eaten", "assumption", "retention"),
                )
                if name in line
            },
            "amount": rounded(amount),
            "share": rounded(100 * amount / total, 4) if total else 0.0,
        }
        entry["grams"] = rounded(line["grams"])
        if code == "WATER" and code in line.get("retained", {}):
            entry["retention"] = WATER_LEFT
        # Analyses of before explanations were kept lack the table's own values.
        if "per_100g" in line:
            entry["per_100g"] = line["per_100g"][place]
        if "data_points" in line:
            entry["data_points"] = line["data_points"][place]
        if code in line.get("retained", {}):
            entry["retained"] = line["retained"][code]
        yield entry


def _unknown(kept: dict[str, Any], place: int) -> Iterator[dict[str, Any]]:
    codes = kept["nutrients"]["codes"]
    for number, line in enumerate(kept["lines"]):
        entry = {"line": number, "text": line["text"]}
        if line["status"] == "ok":
            known = amounts_of(line, codes, [place])[0] is not None
            if not known or kept["nutrients"]["totals"][place] is None:
                eaten = line.get("eaten", 1) > 0 and not known
                reason = "USDA has no value for this food" if eaten else "nothing of it is eaten"
                yield {**entry, "food": line["food"], "grams": rounded(line["grams"])} | {
                    "reason": reason
                }
        elif line["status"] != "ignored":
            yield {**entry, "reason": line.get("reason") or line["status"].replace("_", " ")}
