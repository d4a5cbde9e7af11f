"""Lines that are no food: titles of a recipe's parts, and tools; and labels before a food."""

from __future__ import annotations

import re

PARTS = (
    r"(?:sauce|dipping sauce|filling|topping|toppings|crust|dough|batter|frosting|icing|glaze"
    r"|marinade|brine|dressing|vinaigrette|crumble|streusel|base|garnish|garnishes|garnishing|seasoning"
    r"|spice (?:mix|rub|blend)|dry rub|rub|salad|assembly|decoration|optional|ingredients|main"
    r"|dry ingredients|wet ingredients|other ingredients|for serving|for garnish|for the garnish"
    r"|serving|serve with|serving suggestions?|accompaniments?|extras?|add[- ]?ins|mix[- ]?ins)"
)
HEADING = re.compile(
    r"^(?:for (?:the|a|an|your) [^,\d]{2,40}|to (?:serve|garnish|finish|decorate)|[^\d,]{2,60}:"
    rf"|(?:the |optional |main )?{PARTS})$"
)
# "Optional toppings: 1 avocado", "For serving: lime wedges": the label says what the food is for.
LABEL = re.compile(
    r"^(?P<label>(?:optional|for (?:the |a )?[a-z -]{3,30}|to (?:serve|garnish|finish)"
    rf"|(?:optional |the )?{PARTS})(?: \(optional\))?)\s?[:–—-]\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
EQUIPMENT = re.compile(r"^(?:special |optional )?equipment\b", re.IGNORECASE)
TOOLS = re.compile(
    r"\b(?:skewers?|toothpicks?|cocktail sticks?|(?:aluminum|aluminium|tin|kitchen) foil|parchment"
    r"(?: paper)?|baking paper|(?:grease|greaseproof|wax|waxed) paper|(?:cupcake|muffin|baking"
    r"|paper) (?:liners?|cases?|cups)|cheesecloth|(?:popsicle|lollipop|craft|candy) sticks?"
    r"|(?:kitchen|butcher'?s?|cooking) (?:twine|string)|twine|plastic wrap|cling ?film"
    r"|(?:mason|canning) jars?(?: with lids?(?: and rings?)?)?"
    r"|(?:ziploc|zip-?top|resealable|piping|pastry|oven|freezer) bags?|thermometer|paper towels?"
    r"|(?:baking|sheet|muffin|cake|loaf|springform|roasting) (?:pan|tin|sheet|dish)s?)$",
    re.IGNORECASE,
)


def is_heading(line: str) -> bool:
    """Whether the line titles a part of the recipe ("For the sauce:") or lists equipment."""
    return bool(HEADING.match(line.casefold()) or EQUIPMENT.match(line))


def is_tool(name: str) -> bool:
    """Whether what is named is no food ("wooden skewers")."""
    return bool(TOOLS.search(name))


def label_and_rest(line: str) -> tuple[str, str]:
    """("For serving", "lime wedges") of "For serving: lime wedges"; ("", line) without a label."""
    match = LABEL.match(line)
    return (match["label"], match["rest"]) if match else ("", line)
