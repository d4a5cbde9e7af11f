"""Backups: the database as one encrypted, signed, verified object, and the way back."""
