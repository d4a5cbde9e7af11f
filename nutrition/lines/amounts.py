"""The parser's amounts as plain values, and what it misses about them.

What it misses: dozens; a size run into its container ("2 11 oz cans"); whether a weight is that of
one piece ("6 (4-ounce) fillets") or of all ("8 thighs (2 pounds)"); an amount of the alternative.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from nutrition import units
from nutrition.foods.names import word_set
from nutrition.lines.line import Amount

DOZEN = re.compile(r"^(?P<number>.*?)\s*doz(?:en|s)?$", re.IGNORECASE)
INTERMEDIATE = re.compile(r"^(?P<whole>\d+(?:\.\d+)?)?(?:#(?P<top>\d+)\$(?P<bottom>\d+))?$")
SPAN = re.compile(r"^(?P<low>[\d.#$]+)-(?P<high>[\d.#$]+(?: ?doz(?:en|s)?)?)$", re.IGNORECASE)
LENGTH = re.compile(r"^(?P<number>\d+(?:\.\d+)?[½¼¾⅓⅔]?|[½¼¾⅓⅔])[ -]?(?P<unit>cm|inch(?:es)?|in)\b")
# Foods of which so many inches are an amount; of a pie crust they are its size.
BY_LENGTH = re.compile(
    r"\b(?:ginger|turmeric|galangal|horseradish|wasabi|daikon|cinnamon|cassia|licorice|lemon ?grass"
    r"|kombu|kelp|vanilla|cucumber|leek|celery|chorizo|baguette|peel|rind|zest)\b",
    re.IGNORECASE,
)
# "4 lobsters, each 500 g", "2 steaks, 8 oz apiece".
EACH = re.compile(
    r"\beach(?:,? weighing| being)?(?: about| around| approx(?:imately)?\.?)? ?\(?\d|\bapiece\b",
    re.IGNORECASE,
)
NOUN_OF = re.compile(
    r"^(?:several |good |generous |big |small |large |little )*(?P<noun>drizzles?|glugs?"
    r"|slugs?|splash(?:es)?|squeezes?|squirts?|sprays?|smears?|lugs?|turns?|grinds?|grindings?|twists?"
    r"|sprinkles?|dustings?|scrapes?|shavings?|dabs?|pats?|lumps?|hunks?|wedges?"
    r"|dollops?|scoops?|spoonfuls?|handfuls?|pinch(?:es)?|dash(?:es)?|knobs?|thumbs?|gratings?)"
    r" of (?P<rest>\S.*)$",
    re.IGNORECASE,
)
REMARKED = re.compile(
    r"^\(?(?:just |about )?(?:an? )?(?P<few>few |couple of )?"
    r"(?:small |little |good |generous |big )*(?P<noun>drops?|dash(?:es)?|pinch(?:es)?"
    r"|splash(?:es)?|drizzles?|handfuls?|squeezes?|sprinkles?|knobs?|glugs?|sprigs?)\)?$",
    re.IGNORECASE,
)
BEGUN = re.compile(r"[\d½¼¾⅓⅔⅛][\d.,/' ½¼¾⅓⅔⅛-]*(?:e-?\d+ ?)?(?P<unit>[^\W\d_]+)\b")
# "2 cans (14 oz)": what is said of a container is said of each; "2 sticks (1 cup)" is the total.
CONTAINERS = word_set(
    "can tin package packet pack box bag jar bottle container carton envelope pouch tub sachet "
    "tube block loaf log brick roll punnet carafe canister sleeve"
)
MEASURED = (units.Dimension.MASS, units.Dimension.VOLUME)


def amounts(parsed: Any, bracketed: Container[int]) -> tuple[Amount, ...]:
    """The amounts of a `ParsedIngredient`, in the order of the line; bracketed: words in brackets.

    An amount outside brackets after the name, where one stands before it, is the alternative's
    ("1 tbsp oil or 2 tbsp butter"); in brackets it says the first again.
    """
    name_at = min((name.starting_index for name in parsed.name), default=-1)
    found = list(_read(parsed.amount))
    if not found:
        return ()
    kept = [found[0][0]]
    before_name = found[0][1] < name_at
    for one, where in found[1:]:
        another = before_name and where > name_at and where not in bracketed and not one.each
        if another and _is_measured(kept[0]) and _is_measured(one):
            continue
        apiece = where < name_at or EACH.search(str(parsed.sentence))
        kept.append(_each(kept, one) if apiece else one)
    return tuple(_not_each_itself(kept))


def of_noun(found: tuple[Amount, ...], name: str) -> tuple[tuple[Amount, ...], str]:
    """The measure that the parser left in the name: "drizzle of olive oil"."""
    match = NOUN_OF.match(name)
    if not match:
        return found, name
    noun = match["noun"].casefold()
    if not found and name.casefold().startswith(noun) and units.singular(noun) == noun:
        found = (Amount(1.0, 1.0),)
    if found and found[0].unit == "":
        found = (replace(found[0], unit=units.canonical(noun)), *found[1:])
    return found, match["rest"]


def of_remark(remark: str) -> tuple[Amount, ...]:
    """The amount of a line that gives one only beside the name: "sesame oil (a few drops)"."""
    match = REMARKED.match(remark)
    if not match:
        return ()
    count = 3.0 if match["few"] else 1.0
    return (Amount(count, count, units.canonical(match["noun"])),)


def is_measure(name: str) -> bool:
    """Whether what is named is no food but a unit left over ("1 cup cup")."""
    unit = units.find(name)
    return unit is not None and unit.dimension in MEASURED and not unit.customary


def is_lost(line: str, found: Sequence[Amount]) -> bool:
    """Whether *line* begins with an amount that the parser did not find, or took for another.

    "1-2-3 cups flour", "1e-320 g salt" have none; "2 3 cups flour" makes no sense.
    """
    if not found:
        begun = BEGUN.match(line)
        return begun is not None and is_measure(begun["unit"])
    if found[0].unit or len(found) < 2 or not found[1].each:
        return False
    spoon = units.find(found[1].unit)
    apart = "(" in line or "x" in line.split() or EACH.search(line)
    return spoon is not None and spoon.name in ("cup", "tbsp", "tsp") and not apart


def length(size: str, name: str) -> tuple[Amount, ...]:
    """The amount, in inches, of a line that gives a length alone: "2 cm ginger"."""
    match = LENGTH.match(size)
    if not match or not BY_LENGTH.search(name):
        return ()
    value = _of_text(match["number"])
    inches = value / 2.54 if match["unit"] == "cm" else value
    return (Amount(inches, inches, "inch"),)


def _read(parsed: Sequence[Any]) -> Iterator[tuple[Amount, int]]:
    for amount in parsed:
        where = amount.amounts[0].starting_index if hasattr(amount, "amounts") else None
        if where is None:
            for single in _amounts(amount):
                yield single, amount.starting_index
            continue
        terms = [term for each in amount.amounts for term in _amounts(each)]
        if terms:
            sign = -1 if amount.subtractive else 1
            plus = tuple(Amount(sign * t.quantity, sign * t.high, t.unit) for t in terms[1:])
            yield replace(terms[0], plus=plus), where


def _amounts(parsed: Any) -> Iterator[Amount]:
    low, high = _ends(parsed)
    if low is None or high is None:
        return
    unit = units.canonical(str(parsed.unit))
    if isinstance(parsed.quantity, str) and DOZEN.match(parsed.quantity):
        unit = f"dozen {unit}".strip()
    measure, rest = _measure_and_rest(unit)
    if measure and rest in CONTAINERS:
        yield Amount(1.0, 1.0, rest)
        yield Amount(low, high, measure, each=True)
    else:
        yield Amount(low, high, measure or unit, bool(parsed.SINGULAR))


def _ends(parsed: Any) -> tuple[float | None, float | None]:
    """Both ends of a quantity; of "2-2.5" and "2-3 dozen", too, which the parser leaves as text."""
    text = parsed.quantity
    if isinstance(text, str) and (ends := SPAN.match(text)):
        return number(ends["low"]), number(ends["high"])
    low, high = number(text), number(parsed.quantity_max)
    return low, high if high is not None else low


def _measure_and_rest(unit: str) -> tuple[str, str]:
    """("oz", "can") of "oz can", ("lb", "gram") of "lbs gram"; ("", "") where none leads it."""
    words = unit.split()
    for size in range(len(words) - 1, 0, -1):
        measure = units.find(" ".join(words[:size]))
        if measure and measure.dimension in MEASURED and not measure.customary:
            return measure.name, " ".join(words[size:])
    return "", ""


def _each(before: Sequence[Amount], one: Amount) -> Amount:
    """*one*, of each where it stands between a count of pieces or containers and the name."""
    count = before[0]
    if one.each or not _is_measured(one) or count.plus:
        return one
    bare = count.unit == "" or count.unit.split(" ")[-1] in CONTAINERS
    return replace(one, each=True) if bare else one


def _not_each_itself(found: list[Amount]) -> list[Amount]:
    """ "2 boxes (3.4 oz each)", "1 tsp each salt and pepper": the first amount is of nothing else.

    And two counts of one container are one.
    """
    if found[0].each and (len(found) == 1 or any(one.each for one in found[1:])):
        found[0] = replace(found[0], each=False)
    if len(found) > 2 and found[0].unit in ("", found[1].unit) and found[1].unit in CONTAINERS:
        found[0:2] = [replace(found[0], unit=found[1].unit)]
    return found


def _is_measured(amount: Amount) -> bool:
    unit = units.find(amount.unit)
    return unit is not None and unit.dimension in MEASURED


def number(value: Fraction | str) -> float | None:
    """A quantity as a float: Fraction, "2 dozen" → 2, "#1$2 dozen" → 0.5, "dozen" → 1."""
    if not isinstance(value, str):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    text = value.strip()
    dozen = DOZEN.match(text)
    if dozen:
        text = dozen["number"].strip() or "1"
    match = INTERMEDIATE.match(text)
    if not match or not text:
        return None
    result = float(match["whole"] or 0)
    if match["top"]:
        if int(match["bottom"]) == 0:
            return None
        result += int(match["top"]) / int(match["bottom"])
    return result


def _of_text(text: str) -> float:
    """ "2½" as 2.5."""
    fraction = unicodedata.numeric(text[-1]) if not text[-1].isascii() else 0.0
    whole = text if text[-1].isascii() else text[:-1]
    return float(whole or 0) + fraction
