"""The `nutrition` command: client commands over HTTP, operator commands over services."""
