"""What can go wrong in the engine. Callers decide what each means for them (web/, worker/)."""

from __future__ import annotations


class NutritionError(Exception):
    """Something the engine was asked cannot be answered."""


class MissingData(NutritionError):
    """A file that the engine needs is absent or unreadable. The message names it and its source."""


class ImpossibleRequest(NutritionError):
    """A recipe makes no sense as a whole: servings or yield not above zero.

    `field` names what was wrong, as it is called in the request.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
