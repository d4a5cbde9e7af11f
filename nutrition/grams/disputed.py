"""A stated weight and a stated volume of one line that do not agree.

They contradict each other, and nobody can tell which is meant: no quantity. But where the weight
stands first, or in brackets, and the line names a form of the food that SR28's cup is not of
("½ cup (100 g) sun-dried tomatoes"), the weight stands and the basis says that the volume differs.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from nutrition.foods.names import word_set, words
from nutrition.grams import spread
from nutrition.grams.result import Grams
from nutrition.status import Status

# Two amounts of one line that differ by more than this contradict each other. How a cup is filled
# moves it by half; whole against chopped leaves by a factor of two.
CONTRADICTORY = 2.5
# Below this, a weight that stands first or in brackets is believed where the line names a form of
# the food that SR28's cup is not of: whole against ground, dried, sliced, heaped.
OTHER_FORM = 4.0
FORMS = word_set(
    """dried sundried frozen freeze dehydrated ground grinding grated shredded chopped sliced diced
    cubed minced crushed crumbled mashed packed heaped heaping heap torn shaved flaked halved whole
    sifted melted drained cooked"""
)
WEIGHT_BESIDE = re.compile(
    r"[(\[][^()\[\]]*?\d[ -]?(?:k?g|gr|grams?|oz|ounces?|lbs?|pounds?)\b", re.IGNORECASE
)


def judged(stated: Grams, other: Grams, volume: str, text: str, *, leading: bool) -> Grams:
    """*stated* itself where *other*, the weight of the *volume*, agrees with it or is assumed.

    Else *stated* with the doubt in its basis and spread, or no quantity. text: the line. leading:
    the weight stands before the volume.
    """
    if other.status is not Status.OK or other.basis.startswith("assumed"):
        return stated
    ratio = stated.grams / other.grams if other.grams > 0 else math.inf
    if 1 / CONTRADICTORY < ratio < CONTRADICTORY:
        return stated
    about = f"{volume} is about {other.grams:.3g} g"
    form = (frozenset(words(text)) & FORMS) - frozenset(words(other.basis))
    believed = form and (leading or WEIGHT_BESIDE.search(text))
    if believed and 1 / OTHER_FORM < ratio < OTHER_FORM:
        basis = f"{stated.basis}; the volume disagrees: {about}"
        return replace(stated, basis=basis, spread=spread.DISPUTED)
    reason = f"contradictory amounts: {about}, {stated.grams:.3g} g are stated"
    return Grams(Status.NO_QUANTITY, reason=reason)
