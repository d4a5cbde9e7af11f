"""What a recipe leaves to the cook: "salt to taste", "cooking spray", "parsley for garnish".

Left out, such lines would be missing from the totals as if the dish had none of them. Where a cook
takes a small and customary amount, that amount is assumed, and the basis says so; its uncertainty
is large (`spread.UNSTATED`). Of a food that makes a dish ("noodles to serve") nobody can tell how
much, and it stays without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nutrition.foods.names import words
from nutrition.lines.line import Amount, ParsedLine

if TYPE_CHECKING:
    from nutrition.catalogue import Food


@dataclass(frozen=True, slots=True)
class Usual:
    """A food whose name begins with one of *names* is taken by *amount* where none is said.

    purposes: those of the line (`lines.remarks.PURPOSES`) for which it holds; empty for any.
    """

    names: tuple[str, ...]
    amount: Amount
    purposes: frozenset[str] = frozenset()


def _of(quantity: float, unit: str) -> Amount:
    return Amount(quantity, quantity, unit)


GREASING = frozenset({"for greasing", "for brushing"})

# Kitchen knowledge for a dish of four servings; the first that fits is taken. SR28 has one spray of
# PAM, a third of a second, at 0.25 g; a pan takes about four of them.
# Salt: in 19 published recipes with salt to taste 0.7 g more is missing than in 142 without.
TABLE: tuple[Usual, ...] = (
    # What publishers leave out, diners do not: an eighth of a teaspoon is a pinch or two.
    Usual(("Salt, table",), _of(0.125, "tsp")),
    Usual(("Spices, pepper, black", "Spices, pepper, white"), _of(0.25, "tsp")),
    Usual(
        (
            *("Spices, parsley", "Parsley", "Coriander (cilantro)", "Basil, fresh"),
            *("Spices, basil, fresh", "Spearmint", "Peppermint", "Dill weed", "Chives"),
            *("Onions, spring or scallions", "Rosemary, fresh", "Thyme, fresh", "Arugula"),
        ),
        _of(1, "tbsp"),
    ),
    Usual(("Spices,",), _of(0.5, "tsp")),
    Usual(("Oil, PAM", "Oil, cooking spray"), _of(1, "g")),
    Usual(("Oil,", "Butter", "Margarine", "Shortening", "Lard"), _of(1, "tsp"), GREASING),
    Usual(("Oil,",), _of(1, "tbsp"), frozenset({""})),
    Usual(("Sugars, powdered", "Cocoa, dry powder"), _of(1, "tbsp")),
    Usual(("Seeds, sesame", "Seeds, poppy", "Candies, sprinkles"), _of(1, "tsp")),
    Usual(("Lemon juice", "Lime juice", "Vinegar"), _of(1, "tbsp")),
    Usual(("Wheat flour", "Semolina", "Cornstarch"), _of(2, "tbsp"), frozenset({"for dredging"})),
    Usual(("Sugars, granulated",), _of(1, "tbsp"), frozenset({"for dredging", "for garnish"})),
    Usual(("Mustard, prepared",), _of(1, "tsp")),
    Usual(("Cheese, parmesan", "Cheese, romano", "Cheese, pecorino"), _of(2, "tbsp")),
    Usual(("Sauce, ready-to-serve, pepper", "Sauce, worcestershire"), _of(1, "tsp")),
    Usual(("Vanilla extract",), _of(1, "tsp")),
    # "Pastry for a double-crust pie": as much as that takes.
    Usual(("Pie crust",), _of(1, "recipe")),
)


SPRAY = _of(1, "g")
# "Lemon wedges, for serving".
WEDGES = _of(4, "wedge")
CITRUS = ("Lemons, raw", "Limes, raw")
ONE = _of(1, "")


def usual(food: Food, line: ParsedLine) -> Amount | None:
    """The customary amount of *food* in a line that gives none; None where there is no custom.

    One of what is named in the singular ("avocado, sliced"); it is for the caller to find out
    whether the food is counted.
    """
    if "spray" in line.text.casefold() and food.name.startswith("Oil,"):
        return SPRAY
    if "wedge" in line.text.casefold() and food.name.startswith(CITRUS):
        return WEDGES
    for one in TABLE:
        if food.name.startswith(one.names) and (not one.purposes or line.purpose in one.purposes):
            return one.amount
    last = line.name.casefold().split()[-1:]
    if ":" in line.text:
        return None  # "Toppings: avocado, red onion": a choice, of which nobody takes all
    if last and not line.to_taste and last == list(words(last[0])) and last[0] in words(food.name):
        return ONE
    return None
