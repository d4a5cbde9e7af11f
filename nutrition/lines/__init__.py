"""An ingredient line as parts: what is named, how much of it, and what is said besides."""
