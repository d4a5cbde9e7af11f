"""What a cup weighs of foods that SR28 gives no volume of: assumptions, and named as such.

From USDA's survey portions (FNDDS 2003-2004, public domain), SR28's portions of the nearest food,
and the nutrition labels of packages (granular sucralose: 0.5 g a teaspoon).
"""

from __future__ import annotations

from nutrition.grams.rows import (
    BAKED,
    DAIRY,
    FRUITS,
    MEATS,
    NUTS,
    SNACKS,
    SWEETS,
    VEGETABLES,
    Row,
)


def _cup(
    word: str,
    grams: float,
    kinds: frozenset[str] | None = None,
    also: str = "",
    *,
    first: bool = False,
) -> Row:
    """A cup of a food whose name has *word* weighs *grams*; see `rows.Row` for the rest."""
    return Row("cup", word, grams, kinds, also, first)


CUPS: tuple[Row, ...] = (
    _cup("popcorn", 190, SNACKS, also="unpopped", first=True),
    # Labels of packages: 96 to 112 g.
    _cup("almond", 104, NUTS, also="flour", first=True),
    _cup("almond", 104, NUTS, also="meal", first=True),
    _cup("bread crumb", 60, BAKED, also="panko", first=True),  # label: half a cup is 30 g
    _cup("pretzel", 60, None, also="crushed"),
    _cup("pretzel", 60, None, also="crumb"),
    _cup("pretzel", 40),
    _cup("tortilla chip", 78, None, also="crushed"),
    _cup("tortilla chip", 32),
    _cup("potato chip", 57, SNACKS, also="crushed"),
    _cup("potato chip", 26, SNACKS),
    _cup("cookie sandwich", 110, BAKED),
    _cup("cookie", 100, BAKED, also="crushed"),
    _cup("cookie", 100, BAKED, also="crumb"),
    _cup("cracker", 80, BAKED, also="crushed"),
    _cup("cracker", 80, BAKED, also="crumb"),
    _cup("chocolate", 168, SWEETS),
    _cup("butterscotch", 170, SWEETS),
    _cup("toffee", 170, SWEETS),
    _cup("sucralose", 24),
    _cup("candied", 160),
    _cup("crystallized", 160, None, also="ginger"),
    _cup("goat cheese", 140, DAIRY),
    _cup("parmesan", 100, DAIRY),
    _cup("romano", 100, DAIRY),
    _cup("hazelnut spread", 296, SWEETS),
    _cup("pudding dried mix", 160, SWEETS),
    _cup("stuffing", 57, BAKED),
    _cup("olive", 135, FRUITS),
    _cup("maraschino", 161, FRUITS),
    _cup("coconut dried", 85),
    _cup("zest", 96, FRUITS),  # SR28: a tablespoon of lemon peel is 6 g
    _cup("ham", 134, MEATS),
    _cup("pepperoni", 136),
    _cup("shrimp", 145),
    _cup("bouillon", 170, None, also="granule"),
    _cup("jalapeno", 136, VEGETABLES),
    _cup("mushroom dried", 36),
)


def cup(
    said: frozenset[str], text: frozenset[str], group: str, *, first: bool = False
) -> Row | None:
    """The row that fits. first: only of those that go before SR28's own portion."""
    for row in CUPS:
        if row.first >= first and row.fits(said, text, group):
            return row
    return None
