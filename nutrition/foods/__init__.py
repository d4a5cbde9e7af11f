"""Which food of the catalogue a cook's words mean, how sure that is, and what else it may be."""
