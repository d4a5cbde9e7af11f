"""Privacy: what is kept of an account, in one archive, or gone from every store."""
