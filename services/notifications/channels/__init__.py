"""Channels: ways in which a notification reaches a person, behind one Protocol."""
