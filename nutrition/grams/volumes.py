"""What a cup weighs of foods that SR28 gives no volume of: assumptions, and named as such.

From USDA's survey portions (FNDDS 2003-2004, public domain), SR28's portions of the nearest food,
and the nutrition labels of packages (granular sucralose: 0.5 g a teaspoon).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nutrition.grams.portions import CUP
from nutrition.grams.rows import BAKED, DAIRY, FRUITS, MEATS, NUTS, SNACKS, SWEETS, VEGETABLES


@dataclass(frozen=True, slots=True)
class Cup:
    """A cup of a food whose name has *word* weighs *grams*; see `rows.Row` for the rest."""

    word: str
    grams: float
    kinds: frozenset[str] | None = None
    also: str = ""
    first: bool = False
    words: frozenset[str] = field(init=False)
    also_words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset(self.word.split()))
        object.__setattr__(self, "also_words", frozenset(self.also.split()))

    @property
    def density(self) -> float:
        """g/ml."""
        return self.grams / CUP.size

    @property
    def what(self) -> str:
        return " ".join(filter(None, (self.also, self.word)))


CUPS: tuple[Cup, ...] = (
    Cup("popcorn", 190, SNACKS, also="unpopped", first=True),
    # Labels of packages: 96 to 112 g.
    Cup("almond", 104, NUTS, also="flour", first=True),
    Cup("almond", 104, NUTS, also="meal", first=True),
    Cup("bread crumb", 60, BAKED, also="panko", first=True),  # label: half a cup is 30 g
    Cup("pretzel", 60, None, also="crushed"),
    Cup("pretzel", 60, None, also="crumb"),
    Cup("pretzel", 40),
    Cup("tortilla chip", 78, None, also="crushed"),
    Cup("tortilla chip", 32),
    Cup("potato chip", 57, SNACKS, also="crushed"),
    Cup("potato chip", 26, SNACKS),
    Cup("cookie sandwich", 110, BAKED),
    Cup("cookie", 100, BAKED, also="crushed"),
    Cup("cookie", 100, BAKED, also="crumb"),
    Cup("cracker", 80, BAKED, also="crushed"),
    Cup("cracker", 80, BAKED, also="crumb"),
    Cup("chocolate", 168, SWEETS),
    Cup("butterscotch", 170, SWEETS),
    Cup("toffee", 170, SWEETS),
    Cup("sucralose", 24),
    Cup("candied", 160),
    Cup("crystallized", 160, None, also="ginger"),
    Cup("goat cheese", 140, DAIRY),
    Cup("parmesan", 100, DAIRY),
    Cup("romano", 100, DAIRY),
    Cup("hazelnut spread", 296, SWEETS),
    Cup("pudding dried mix", 160, SWEETS),
    Cup("stuffing", 57, BAKED),
    Cup("olive", 135, FRUITS),
    Cup("maraschino", 161, FRUITS),
    Cup("coconut dried", 85),
    Cup("zest", 96, FRUITS),  # SR28: a tablespoon of lemon peel is 6 g
    Cup("ham", 134, MEATS),
    Cup("pepperoni", 136),
    Cup("shrimp", 145),
    Cup("bouillon", 170, None, also="granule"),
    Cup("jalapeno", 136, VEGETABLES),
    Cup("mushroom dried", 36),
)


def cup(
    said: frozenset[str], text: frozenset[str], group: str, *, first: bool = False
) -> Cup | None:
    """The row that fits. first: only of those that go before SR28's own portion."""
    for row in CUPS:
        fits = row.kinds is None or group in row.kinds
        if fits and row.first >= first and row.words <= said and row.also_words <= text:
            return row
    return None
