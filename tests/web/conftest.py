"""The application on real engines, keys that open it, and a real server where a test needs one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kernel.database import Database
from kernel.settings import Settings
from services.accounts import keys, passwords, people, sign_ins
from services.accounts.scopes import SCOPES
from tests.analyses.claiming import claim_next
from tests.processes import Platform, eventually
from tests.web.client import Caller
from web.app import create_app
from worker import runtime


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashes that take no time, in applications that are made after this."""
    monkeypatch.setattr(passwords, "MEMORY", 64)


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    """The application as a worker of the server would load it."""
    made = create_app(settings)
    yield made
    made.extensions["platform"].close()


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """Somebody without a key."""
    return app.test_client()


@pytest.fixture
def new_key(database: Database) -> Callable[..., str]:
    """Makes an account, where there is none of that name, and a key of it; answers the secret."""

    def make(account: str = "kitchen", scopes: Sequence[str] | None = SCOPES, **more: Any) -> str:
        with database.transaction() as session:
            owner = keys.find_account(session, account) or keys.create_account(session, account)
            _, secret = keys.create(session, owner.id, "a key", scopes=scopes, **more)
        return secret

    return make


@pytest.fixture
def caller(app: Flask, new_key: Callable[..., str]) -> Caller:
    """Somebody with a key that may do everything."""
    return Caller(app.test_client(), new_key())


@pytest.fixture
def stranger(app: Flask, new_key: Callable[..., str]) -> Caller:
    """Somebody else, with an equally good key."""
    return Caller(app.test_client(), new_key("another kitchen"))


@pytest.fixture
def operator(app: Flask, new_key: Callable[..., str]) -> Caller:
    """Somebody who runs the platform."""
    return Caller(app.test_client(), new_key("operations", scopes=None, role="operator"))


@pytest.fixture
def work(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Runs the next job of a queue as a worker would, on the real engine."""
    monkeypatch.setattr(runtime, "settings", lambda: settings)

    def run_next(queue: str = "nutrition.interactive") -> None:
        attempt = claim_next(database, queue)
        assert attempt is not None, f"nothing is due in {queue}"
        attempt.handle()

    return run_next


@pytest.fixture
def meanwhile() -> Iterator[Callable[[Callable[[], Any]], threading.Thread]]:
    """Runs something in a thread that the test outlives."""
    threads: list[threading.Thread] = []

    def start(what: Callable[[], Any]) -> threading.Thread:
        thread = threading.Thread(target=what)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(timeout=30)


def environment(settings: Settings) -> dict[str, str]:
    """The variables that a process of the platform is started with."""
    return {
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "CACHE_REDIS_URL": settings.cache_redis_url,
        "OBJECT_STORE_URL": settings.object_store_url,
        "DATA_FOLDER": settings.data_folder,
        "WORK_FOLDER": settings.work_folder,
        "JWT_SECRET": settings.jwt_secret,
    }


@pytest.fixture
def server(settings: Settings, database: Database, tmp_path: Path) -> Iterator[Platform]:
    """A real web process, serving."""
    platform = Platform(environment(settings), tmp_path)
    platform.start("web")
    eventually("web serves", platform.serves)
    yield platform
    platform.close()


@pytest.fixture
def strict_settings(settings: Settings) -> Settings:
    """Settings whose limits are soon used up."""
    return replace(settings, rate_limit_key=3, rate_limit_address=5)


@pytest.fixture
def new_person(app: Flask, database: Database) -> Callable[..., Caller]:
    """Makes somebody who has signed in, without the work that a password is."""

    def make(email: str = "ada@example.org", role: str = "user") -> Caller:
        with database.transaction() as session:
            person = people.register(session, email, "no password opens this", role=role)
            assert person is not None
            opened = sign_ins.begin(session, person.account_id, person.password_hash)
            assert opened is not None
        signer = app.extensions["platform"].signer
        return Caller(app.test_client(), signer.access_token(opened.account_id, opened.sign_in_id))

    return make
