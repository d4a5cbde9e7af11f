"""A meal as the law has it printed: reference values, rounding, and the panel in each format."""
