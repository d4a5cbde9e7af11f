"""Webhooks: signed calls to the outside when something of an account has ended."""
