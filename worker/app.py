"""The Celery application. Celery routes, runs and is watched; PostgreSQL remembers."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import logging
import os
import uuid
from typing import Any

import structlog
from celery import Celery, signals
from celery.app.task import Task

from kernel import logging as platform_logging
from kernel import metric_files, redaction
from services.jobs.kinds import BULK, INTERACTIVE, Kind
from services.kinds import KINDS
from worker import excerpt, handlers, runtime, stop
from worker.publisher import group_name
from worker.queues import QUEUES, ROUTES
from worker.request import QUIET, encode
from worker.run import execute

log = structlog.get_logger()

app = Celery("nutrition")


@app.add_defaults
def configuration() -> dict[str, Any]:
    """Celery's settings, read when they are first needed; every choice with its reason."""
    return {
        "broker_url": runtime.settings().redis_url,
        "task_queues": QUEUES,
        "task_routes": ROUTES,
        # A misspelt queue is an error, not a new queue that nobody serves.
        "task_create_missing_queues": False,
        # No result backend: results are rows. Redis as one costs 15 to 35 %, and 19 s when away.
        "result_backend": None,
        "task_ignore_result": True,
        # The message goes when the attempt is settled: an orderly stop puts back the rest.
        # What a killed worker held is found by its silent heartbeat, or by the dispatch lease.
        "task_acks_late": True,
        # A requeue by Celery is unbounded (13 runs in 20 s measured); the sweep counts them.
        "task_reject_on_worker_lost": False,
        # One message in hand for each slot: no short job waits behind a long one for nothing.
        "worker_prefetch_multiplier": 1,
        # Messages carry ids, never objects.
        "task_serializer": "json",
        "accept_content": ["json"],
        # Flower is fed by events. They cost 0.4 ms a task, and are kept.
        "worker_send_task_events": True,
        "task_track_started": True,
        # SIGTERM is SIGQUIT (REMAP_SIGTERM, set by supervisord.conf): children have this long to
        # reach a progress point and hand back. Celery sleeps it whole, so not where all are idle.
        "worker_soft_shutdown_timeout": 4.0,
        "worker_enable_soft_shutdown_on_idle": False,
        # A broker that comes back must not kill the work in hand; default until Celery 6, stated.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # Leaks end with the child: of ours none is known, of the libraries nobody can say.
        "worker_max_tasks_per_child": 5_000,
        # The logs are structured, and ours.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport": "worker.transport:Transport",
        "worker_consumer": "worker.consumer:Consumer",
        "broker_transport_options": {
            # What a dead worker had in hand need not come back: it is a hint, and the dispatch
            # lease finds its job. kombu's own memory of it was a quarter of a worker's CPU.
            "ack_emulation": False,
            # One list for each queue: priority is decided before a job comes here.
            "priority_steps": [0],
            "socket_connect_timeout": 2,
            "socket_timeout": 30,
            "socket_keepalive": True,
            # BRPOP on a half-open connection is noticed by this.
            "health_check_interval": 25,
        },
        # Beat has a scheduler of ours, and no remote control: that would connect to the broker.
        "beat_scheduler": "worker.beat:JobScheduler",
        "beat_enable_remote_control": False,
        "timezone": "UTC",
    }


class AttemptFailed(Exception):
    """Shows in Flower that an attempt failed. What becomes of the job is in PostgreSQL already."""


class JobTask(Task[..., str]):
    """The Celery task of one kind: its message holds a job's id and claim, its id is both."""

    # A failed attempt is settled and logged; Celery need not print its traceback again.
    throws = (AttemptFailed,)
    # Parents would hoard their children's results.
    trail = False
    kind: Kind[Any]

    def run(self, job_id: str, claim: int) -> str:
        job = uuid.UUID(job_id)
        outcome = execute(self.kind, [(job, claim)])[job]
        if outcome not in QUIET:
            raise AttemptFailed(outcome)
        return outcome


class GroupTask(JobTask):
    """The same for several jobs in one message. A name of its own: an older release refuses it."""

    Request = "worker.request:GroupRequest"

    def run(self, members: list[tuple[str, int]]) -> str:  # type: ignore[override]
        jobs = [(uuid.UUID(job), claim) for job, claim in members]
        outcomes = execute(self.kind, jobs)
        return encode([outcomes[job] for job, _ in jobs])


def _register(kind: Kind[Any]) -> None:
    fields = {"kind": kind, "soft_time_limit": kind.soft_limit, "time_limit": kind.hard_limit}
    app.register_task(type("JobTask", (JobTask,), {"name": kind.name, **fields})())
    if kind.group > 1:
        name = group_name(kind.name)
        app.register_task(type("GroupTask", (GroupTask,), {"name": name, **fields})())


@app.on_after_finalize.connect
def _register_all(**_: Any) -> None:
    for kind in KINDS:
        _register(kind)


@signals.setup_logging.connect
def _log(**_: Any) -> None:
    platform_logging.configure(also=[excerpt.capture])
    redaction.know(runtime.settings())
    metric_files.begin(runtime.settings().work)
    # One line for each message received and done is ours already, with more in it.
    for chatty in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


#: The slots of a pool of threads, which all live in the main process; 0 where it forks.
_threads = 0
#: Added to the niceness of processes that only do what nobody waits for.
NICE = 10


@signals.celeryd_after_setup.connect
def _before_the_fork(instance: Any, **_: Any) -> None:
    """Load what children share: handlers, and the engine where a queue needs it."""
    global _threads
    if "thread" in str(instance.pool_cls):
        _threads = instance.concurrency
    queues = set(instance.app.amqp.queues.consume_from)
    handlers.load(queues)
    if queues & {INTERACTIVE, BULK}:
        runtime.engine()
    # What is alive now stays: the collector would otherwise touch, and so copy, shared pages.
    gc.collect()
    gc.freeze()
    _give_back()


def _give_back() -> None:
    """Hand what loading the engine left free back to the system: 7 MB of a worker's 172."""
    with contextlib.suppress(AttributeError, OSError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)


@signals.worker_process_init.connect
def _after_the_fork(**_: Any) -> None:
    queues = sorted(app.amqp.queues.consume_from)
    if queues == [BULK]:
        os.nice(NICE)  # a person's one recipe goes before anybody's fifty thousand
    runtime.begin(queues, slots=1)


@signals.worker_shutdown.connect
@signals.worker_process_shutdown.connect
def _at_the_end(**_: Any) -> None:
    runtime.finish()


@signals.worker_ready.connect
def _ready(sender: Any, **_: Any) -> None:
    stop.listen()
    main, queues = os.getpid(), sorted(app.amqp.queues.consume_from)

    @atexit.register
    def _last() -> None:
        if os.getpid() == main:
            runtime.let_go(queues)

    if _threads:
        runtime.begin(sorted(app.amqp.queues.consume_from), slots=_threads)
    log.info("worker_ready", queues=sorted(app.amqp.queues.consume_from))
