"""Privacy on the queue."""

from __future__ import annotations

from functools import cache
from typing import Any

from kernel.redis import client
from services.jobs.retry import Snooze
from services.jobs.run import Run
from services.privacy import archive, erase, requests
from services.privacy.erase import Stores
from services.privacy.jobs import EraseAccount, ExportAccount
from services.privacy.tombstones import keys_of
from worker import runtime
from worker.handlers import handles

#: Seconds that one call to Redis may take: it walks over many keys.
PATIENCE = 5.0


@cache
def _caches() -> tuple[Any, ...]:
    """Every Redis, each once."""
    settings = runtime.settings()
    addresses = dict.fromkeys((settings.redis_url, settings.cache_redis_url))
    return tuple(client(url, timeout=PATIENCE, connections=2) for url in addresses)


def _stores(run: Run) -> Stores:
    return Stores(
        transaction=run.read,
        objects=runtime.objects(),
        keys=keys_of(runtime.settings()),
        caches=_caches(),
    )


@handles(ExportAccount)
def export(_: ExportAccount, run: Run) -> None:
    """Gather the owner's archive. An attempt that was stopped leaves nothing behind."""
    made: dict[str, Any] = dict(
        archive.write(
            _stores(run), run.job.owner_id, run.job.id, lambda rows: run.progress(rows, rows)
        )
    )
    with run.finish(made) as session:
        made["expires_at"] = requests.expiry(session).isoformat()


@handles(EraseAccount)
def erase_account(job: EraseAccount, run: Run) -> None:
    """Erase what can be erased, and come again for what requests still wrote meanwhile."""
    asked_at = run.job.created_at
    wait = erase.advance(
        _stores(run), job.account_id, asked_at, lambda rows: run.progress(rows, rows)
    )
    if wait:
        raise Snooze(wait, "requests of before may still be writing")
    with run.finish():
        pass
