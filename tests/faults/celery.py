"""`python -m tests.faults.celery …`: the celery command, with the tests' own kinds."""

from __future__ import annotations

from celery.__main__ import main

import tests.faults.registered  # noqa: F401  # first: the app derives from the kinds

if __name__ == "__main__":
    main()
