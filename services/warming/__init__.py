"""Warming: what is asked for most is computed before it is asked for."""
