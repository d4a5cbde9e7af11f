"""What cooking does to a recipe: nutrients retained, weight changed, what is thrown away."""
