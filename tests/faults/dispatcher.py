"""`python -m tests.faults.dispatcher`: the dispatcher, with the tests' own kinds."""

from __future__ import annotations

import tests.faults.registered  # noqa: F401  # first: windows derive from the kinds
from worker.dispatcher import main

if __name__ == "__main__":
    main()
