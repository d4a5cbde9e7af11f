"""From an amount in a cook's words to the weight of the edible part in g, each with its basis."""
