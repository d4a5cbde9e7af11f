"""The HTTP interface: it translates requests into calls of services, and holds no rules itself."""
