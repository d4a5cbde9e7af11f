"""A row of the customary tables, and the kinds of food that rows hold for."""

from __future__ import annotations

from dataclasses import dataclass, field

# SR28's codes of food groups.
DAIRY = frozenset(["0100"])
SEASONINGS = frozenset(["0200"])
FATS = frozenset(["0400"])
SAUCES = frozenset(["0600"])
MEATS = frozenset(["0500", "0700", "1000", "1300", "1700"])
POULTRY = frozenset(["0500"])
SAUSAGES = frozenset(["0700"])
NUTS = frozenset(["1200"])
RED_MEATS = frozenset(["1000", "1300", "1700"])
PLANTS = frozenset(["0900", "1100"])
VEGETABLES = frozenset(["1100"])
FRUITS = frozenset(["0900"])
HERBS = SEASONINGS | VEGETABLES
DRINKS = frozenset(["1400"])
FISH = frozenset(["1500"])
LEGUMES = frozenset(["1600"])
BAKED = frozenset(["1800"])
SWEETS = frozenset(["1900"])
GRAINS = frozenset(["2000"])
CEREALS = frozenset(["0800"])
SNACKS = frozenset(["2500"])


@dataclass(frozen=True, slots=True)
class Row:
    """One *noun* of a food weighs *grams*.

    word: words that the food's name must have, in any order. kinds: groups it must be of; None
    for any, and then `word` says which food. also: words that the line must have. first: goes
    before SR28's own portion.
    """

    noun: str
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
        if not self.word and self.kinds is None:
            raise ValueError(f"{self.noun!r} of any food: name words or kinds")

    @property
    def what(self) -> str:
        """What is weighed, less the noun: "unpopped popcorn"."""
        return " ".join(filter(None, (self.also, self.word)))

    def fits(self, said: frozenset[str], text: frozenset[str], group: str) -> bool:
        """Whether it holds for a food whose name has the words *said*, in a line of *text*.

        group: SR28's code of its food group.
        """
        of_kind = self.kinds is None or group in self.kinds
        return of_kind and self.words <= said and self.also_words <= text
