"""A Procrastinate application with a no-op task. It runs in a virtual environment of its own.

Nothing of the platform is imported here: that environment has Procrastinate alone.
"""

from __future__ import annotations

import os

from procrastinate import (  # type: ignore[import-not-found]  # not in our environment
    App,
    PsycopgConnector,
)

QUEUE = "benchmark"

app = App(connector=PsycopgConnector(conninfo=os.environ["PROCRASTINATE_URL"], max_size=8))


@app.task(name="no_op", queue=QUEUE)  # type: ignore[untyped-decorator]
async def no_op() -> None:
    """Do nothing."""
