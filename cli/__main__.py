"""`python -m cli` is the `nutrition` command."""

from cli.main import main

main()
