"""Sums over a meal: amounts and how much they cover, energy, and how far off they may be."""
