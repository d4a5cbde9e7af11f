"""Notifications: one message to one person, through the channels that they have not muted."""
