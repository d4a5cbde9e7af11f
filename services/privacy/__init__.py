"""Privacy: what a person may take with them, and how they are forgotten."""
