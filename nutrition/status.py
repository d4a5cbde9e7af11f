"""What became of a line of a recipe."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """OK: a food and its weight. Every other status says what is lacking; a line has one."""

    OK = "ok"
    NO_QUANTITY = "no_quantity"
    UNKNOWN_FOOD = "unknown_food"
    UNKNOWN_PORTION = "unknown_portion"
    IGNORED = "ignored"
    UNKNOWN_LANGUAGE = "unknown_language"
