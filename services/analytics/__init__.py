"""Analytics: events counted exactly once, and what they add up to."""
