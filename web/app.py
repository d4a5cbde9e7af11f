"""The application: stores, then what every request passes through, then the resources."""

from __future__ import annotations

import threading

from flask import Flask
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from kernel.cache import Cache
from kernel.database import Database
from kernel.objects import Objects
from kernel.redis import BestEffort, client
from kernel.settings import Settings
from services.accounts.keyring import Keyring
from services.accounts.passwords import Hasher
from services.accounts.tokens import Signer
from services.catalogue.cached import CachedFoods
from services.jobs.hints import Hints
from services.jobs.intake import Intake
from services.warming.tally import Tally
from web import (
    admission,
    auth,
    bodies,
    compression,
    cors,
    docs,
    headers,
    metrics,
    openapi,
    problems,
    tracing,
)
from web.admin_backups import admin_backups
from web.admin_broadcasts import admin_broadcasts
from web.admin_cache import admin_cache
from web.admin_jobs import admin_jobs
from web.admin_queues import admin_queues
from web.admin_schedule import admin_schedule
from web.admin_users import admin_users
from web.analyses import analyses
from web.analytics import analytics
from web.api_keys import api_keys
from web.batches import batches
from web.context import Platform, Slots
from web.deliveries import deliveries
from web.events import events
from web.explanations import explanations
from web.foods import foods
from web.health import health
from web.hub import Hub
from web.jobs import jobs
from web.labels import label_routes
from web.limits import Limit, Limiter
from web.me import me
from web.notifications import notifications
from web.preferences import preferences
from web.privacy import personal_data
from web.shapes import SHAPES
from web.sign_in import sign_in
from web.stream_tickets import stream_tickets
from web.unsubscribe import unsubscribe
from web.webhooks import webhooks

#: Seconds that the subscription's connection may take to be made.
CONNECT = 1.0


def create_app(settings: Settings) -> Flask:
    """The WSGI application on the stores that *settings* name. It reads no environment."""
    app = Flask("web", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=bodies.LARGEST,
        # OPTIONS would be a route that no policy knows.
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    # No redirects to a tidier address: a client that means another address is told 404.
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.extensions["platform"] = connect(settings)

    # In this order: ids first, so that every problem and log line has them.
    compression.register(app)
    tracing.register(app)
    app.before_request(admission.refuse_unadmitted)
    cors.register(app)
    auth.register(app)
    app.before_request(bodies.refuse_large)
    headers.register(app)
    problems.register(app)

    resources = [
        sign_in,
        me,
        personal_data,
        api_keys,
        stream_tickets,
        foods,
        analyses,
        explanations,
        label_routes,
        batches,
        events,
        analytics,
        jobs,
        webhooks,
        deliveries,
        notifications,
        preferences,
        unsubscribe,
        admin_users,
        admin_broadcasts,
        admin_queues,
        admin_jobs,
        admin_backups,
        admin_cache,
        admin_schedule,
        health,
    ]
    app.extensions["openapi"] = openapi.build(app, resources, SHAPES)
    docs.register(app)
    metrics.know_routes(app)
    line = admission.Line(settings.web_pool - for_sleepers(settings.web_pool) - 1)
    app.wsgi_app = line.before(app.wsgi_app)  # type: ignore[assignment,method-assign]
    if settings.proxies:
        app.wsgi_app = wrap_wsgi_with_proxy_headers(app.wsgi_app, settings.proxies)  # type: ignore[method-assign]
    return app


def connect(settings: Settings) -> Platform:
    """The stores of one process. Nothing is asked yet: a store that is away delays no start."""
    signer = Signer(settings.jwt_secret, settings.jwt_secret_previous)
    redis = BestEffort(client(settings.redis_url))
    database = Database(
        settings.database_url,
        pool=settings.web_pool,
        name="nutrition-web",
        announce=Hints(redis).send,
    )
    # Counting has connections and a breaker of its own: nobody waits for it.
    counting = BestEffort(client(settings.cache_redis_url, timeout=2, connections=2))
    tally = Tally(counting, accounts=settings.wanted_accounts)
    cache = Cache(BestEffort(client(settings.cache_redis_url)), [tally.looked_up])
    return Platform(
        settings=settings,
        database=database,
        redis=redis,
        cache=cache,
        foods=CachedFoods(database.transaction, cache),
        tally=tally,
        objects=Objects(settings.object_store_url),
        hub=Hub(database, client(settings.redis_url, timeout=CONNECT, connections=2)),
        keyring=Keyring(database, signer),
        signer=signer,
        hasher=Hasher(),
        intake=Intake(database),
        limiter=Limiter(
            redis,
            Limit("key", settings.rate_limit_key),
            Limit("address", settings.rate_limit_address),
            Limit("sign-in-address", settings.rate_limit_sign_in),
        ),
        waiters=Slots(settings.max_waiters, settings.max_per_account),
        streams=Slots(settings.max_streams, settings.max_per_account),
        latecomers=Slots(settings.web_threads // 16),
        quiet=threading.BoundedSemaphore(for_sleepers(settings.web_pool)),
    )


def for_sleepers(pool: int) -> int:
    """Of *pool* connections, those that woken sleepers read with.

    One more is the hub's, and each of the others belongs to a request that works: nobody ever waits
    for a connection.
    """
    return max(1, pool // 4)
