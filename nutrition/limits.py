"""What a recipe can state: outside of it lies a slip of the pen, and arithmetic that overflows."""

from __future__ import annotations

LEAST_SERVINGS = 0.01
MOST_SERVINGS = 10_000
# The weight of the finished dish, g.
LEAST_YIELD = 0.01
MOST_YIELD = 10_000_000
