"""What a line says besides food and amount: optional, to taste, drained, and what it is for."""

from __future__ import annotations

import re

OPTIONAL = re.compile(
    r"\boptional(?:ly)?\b|\bif (?:desired|you like|using|wanted)\b", re.IGNORECASE
)
TO_TASTE = re.compile(
    r"\b(?:to taste|to (?:your |their )?(?:liking|preference)|as much as desired"
    r"|as (?:needed|required|desired)|for (?:garnish|serving|dusting|greasing|frying)|"
    r"to (?:serve|garnish|finish|decorate|season)|if (?:needed|desired))\b",
    re.IGNORECASE,
)
# "Undrained" and "not drained" say the reverse. What is rinsed out of a can was drained.
DRAINED = re.compile(
    r"(?<!not )(?<!un)\bdrained\b|\b(?:can|tin|jar)s?\b.*(?<!un)\brinsed\b", re.IGNORECASE
)
# A further amount that nobody states: what it is for says nothing of the stated one.
EXTRA = re.compile(
    r"(?:\b(?:plus|and|with)|\+|&) (?:\w+ ){0,3}?(?:more|extra|additional|some)\b[^;)]*"
    r"|\bextra (?:for|to)\b[^;)]*",
    re.IGNORECASE,
)
# Purposes that tell how much of a food is eaten. The first that fits names the purpose.
PURPOSES = tuple(
    (purpose, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for purpose, pattern in (
        (
            "for deep frying",
            r"(?:for|to) (?:the )?deep[- ]?(?:fat )?fry(?:ing)?|for the (?:deep[- ])?fryer",
        ),
        (
            "for frying",
            r"(?:for|to) (?:the |pan[- ]|shallow[- ]|stir[- ])?(?:fry(?:ing)?|saut[eé](?:ing)?)"
            r"|for (?:cooking|browning|searing|the (?:pan|skillet|griddle|wok))",
        ),
        (
            "for greasing",
            r"(?:for|to) (?:the )?(?:greas(?:e|ing)|oil(?:ing)?|coat(?:ing)? (?:the |a )?"
            r"(?:pan|dish|tin|griddle|skillet|grill|bowl)s?)"
            r"|for (?:the |a |your )?(?:(?:baking|muffin|cake|loaf|bundt) )?(?:tin|dish|grill)s?",
        ),
        ("for dredging", r"(?:for|to) (?:dredg(?:e|ing)|flour(?:ing)?|bread(?:ing)?)|for coating"),
        (
            "for dusting",
            r"(?:for|to) (?:the )?(?:dust(?:ing)?|roll(?:ing)?|knead(?:ing)?|sprinkl(?:e|ing))"
            r"|for the (?:work )?surface",
        ),
        ("for the marinade", r"(?:for|to) (?:the |a )?(?:marinade|marinat(?:e|ing))"),
        ("for brine", r"(?:for|to) (?:the |a )?brin(?:e|ing)"),
        (
            "for cooking water",
            r"for (?:the )?(?:pasta|cooking|boiling|blanching|poaching|steaming)(?: the pasta)?"
            r" ?(?:water|liquid)|for (?:boiling|blanching|steaming|soaking)",
        ),
        (
            "for garnish",
            r"(?:for|as|to) (?:a |the )?(?:garnish(?:ing|es)?|decorat(?:e|ing|ion)|finish(?:ing)?)",
        ),
        (
            "for brushing",
            r"(?:for|to) (?:brush(?:ing)?|bast(?:e|ing)|drizzl(?:e|ing))|for glazing|to glaze",
        ),
        ("to serve", r"(?:to|for) (?:serve|serving|accompany|dipping|dip)|on the side"),
    )
)


FOR_OR_TO = re.compile(r"\b(?:for|to|as|side)\b", re.IGNORECASE)


def drained(text: str) -> bool:
    """Whether the line says that the food's liquid is poured off."""
    return bool(DRAINED.search(text))


def purpose(text: str) -> str:
    """What the food is for, in one of the forms of PURPOSES ("for frying"), or "" if not said."""
    if not FOR_OR_TO.search(text):
        return ""
    return next((name for name, pattern in PURPOSES if pattern.search(text)), "")


def without_extra(text: str) -> str:
    """*text* less what it says of a further, unstated amount ("plus more for greasing the pan")."""
    return EXTRA.sub(" ", text)
