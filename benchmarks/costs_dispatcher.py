"""The platform's dispatcher with the no-op kinds: `python -m benchmarks.costs_dispatcher`."""

from __future__ import annotations

import benchmarks.costs_kinds  # noqa: F401 - first: the dispatcher plans for the kinds it finds
from worker.dispatcher import main

if __name__ == "__main__":
    main()
