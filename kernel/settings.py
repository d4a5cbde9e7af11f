"""Settings: the environment, read once per entry point into one frozen value.

Every setting has its name, meaning and unit here and nowhere else.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from kernel.errors import SettingsError
from kernel.mail import Server, sender_of

_WEAK = {"", "secret", "changeme", "password", "dev"}
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of the platform. Field names are the variables' names in lower case."""

    #: PostgreSQL as the platform's own role, which cannot change the schema.
    database_url: str
    #: PostgreSQL as the owner of the schema: migrations and the catalogue's loader only.
    database_owner_url: str = ""
    #: The durable Redis: broker, doorbells, limits. Alone it serves as cache too.
    redis_url: str
    #: The Redis that may lose everything at any moment.
    cache_redis_url: str = ""
    #: Where exports and batch files lie: `file:///folder`, or `s3://bucket/prefix`.
    object_store_url: str = "file://var/objects"
    #: `development` or `production`; production refuses weak secrets.
    environment: str = "development"
    jwt_secret: str = ""
    #: The secret before, while it rotates: access tokens that it signed are still taken.
    jwt_secret_previous: str = ""
    #: Origin of the browser application that may call (`https://app.example.org`; a bare host means
    #: https). Empty: none but the server's own.
    frontend_domain: str = ""

    #: The shipped data (catalogue, tagger), and where its memory-mapped form is unpacked.
    data_folder: str = "data"
    work_folder: str = "var/work"

    web_host: str = "127.0.0.1"
    web_port: int = 8000
    #: Processes of the web server, and the threads that each may have. They are made as they are
    #: needed: one for every stream, every waiter, and every request that stands in line.
    web_workers: int = 1
    web_threads: int = 3200
    #: Database connections of one web process, at least 3. A quarter is for sleepers that wake, one
    #: for the hub; each of the others is for one request, and no more of them work at once.
    web_pool: int = 16
    #: Waiters (`Prefer: wait`) and streams at once in one web process. Above it a wait is declined,
    #: a stream refused.
    max_waiters: int = 1000
    max_streams: int = 2000
    #: Of the waiters, and of the streams, those that one account may have in one web process.
    max_per_account: int = 50
    #: Addresses of proxies whose X-Forwarded-For is believed, comma-separated.
    trusted_proxies: str = ""
    #: Requests a minute for one key, and for one address.
    rate_limit_key: int = 6000
    rate_limit_address: int = 12000
    #: Registrations and sign-ins a minute from one address.
    rate_limit_sign_in: int = 60
    flower_port: int = 5555
    #: Where the dispatcher serves Prometheus metrics, on 127.0.0.1; 0 where it does not.
    metrics_port: int = 0

    #: A process that executes jobs says that it lives this often (seconds).
    heartbeat_seconds: float = 2.0
    #: Silent for this long, it is taken for dead and its jobs run elsewhere (seconds).
    silence_seconds: float = 8.0
    #: A dispatched message that nobody claimed within this time is published anew (seconds).
    dispatch_lease_seconds: float = 15.0
    #: The leading dispatcher's lease (seconds); a standby takes over when it runs out.
    leader_lease_seconds: float = 5.0
    #: Messages kept in the broker for each slot of a queue of short jobs.
    window: int = 3

    #: Webhooks may call this machine itself: for tests and development.
    outbound_loopback: bool = False

    #: The key that backups are sealed with: 32 random bytes, as 64 hex digits or in base64. Whoever
    #: loses it loses them: it is to be kept in another place too.
    backup_key: str = ""
    #: The key before it, which still opens what was sealed with it.
    backup_key_previous: str = ""
    #: Of backups, the newest of each of the last days, weeks and months are kept.
    backup_keep_daily: int = 7
    backup_keep_weekly: int = 4
    backup_keep_monthly: int = 12

    #: Who takes mail: `smtp+starttls://user:password@host:587`, `smtps://…`, or `smtp://` without a
    #: password. Without it no mail is sent.
    smtp_url: str = ""
    #: Whom mail is from: an address, or `Name <address>`.
    mail_from: str = ""
    #: A file (PEM) of authorities to believe about the mail server, instead of the system's.
    smtp_ca_file: str = ""
    #: Where people reach the API: `api.example.com`, or a URL. Links in mail lead there.
    api_domain: str = ""

    #: Accounts that must have asked a search or a line within a day before its words are
    #: remembered, so that warming knows them. 1 where all accounts are one team's.
    wanted_accounts: int = 3

    #: How long finished jobs and their results stay (days).
    retention_days: int = 30
    #: How long events, and counts by the hour, stay (days, 31 at least); counts by the day stay.
    analytics_days: int = 90

    def __post_init__(self) -> None:
        if self.silence_seconds < 3 * self.heartbeat_seconds:
            # Three missed heartbeats: one may be late by chance, three are silence.
            raise SettingsError(
                f"SILENCE_SECONDS is {self.silence_seconds}; it must be at least three "
                f"times HEARTBEAT_SECONDS ({self.heartbeat_seconds})"
            )
        if self.leader_lease_seconds < 2:
            raise SettingsError(
                f"LEADER_LEASE_SECONDS is {self.leader_lease_seconds}; below 2 s a slow commit "
                "would cost the leader its lease"
            )
        if self.max_waiters + self.max_streams + self.web_pool > self.web_threads:
            raise SettingsError(
                f"MAX_WAITERS ({self.max_waiters}) + MAX_STREAMS ({self.max_streams}) + WEB_POOL "
                f"({self.web_pool}) exceed WEB_THREADS ({self.web_threads}): sleepers would leave "
                "no thread for ordinary requests"
            )
        if self.web_pool < 3:
            raise SettingsError(
                f"WEB_POOL is {self.web_pool}; requests, sleepers and the hub that wakes them need "
                "a database connection each, so it must be at least 3"
            )
        if self.wanted_accounts < 1:
            raise SettingsError(
                f"WANTED_ACCOUNTS is {self.wanted_accounts}; what nobody asked cannot be wanted, "
                "so it must be at least 1"
            )
        if self.analytics_days < 31:
            raise SettingsError(
                f"ANALYTICS_DAYS is {self.analytics_days}; events may come 30 days late, so it "
                "must be at least 31"
            )
        if self.environment not in {"development", "production"}:
            raise SettingsError(
                f"ENVIRONMENT is {self.environment!r}; it is 'development' or 'production'"
            )
        if self.environment == "production" and self.outbound_loopback:
            raise SettingsError(
                "OUTBOUND_LOOPBACK is on; in production nobody's webhook may call this machine"
            )
        if self.environment == "production" and (
            self.jwt_secret.lower() in _WEAK or len(self.jwt_secret) < 32
        ):
            raise SettingsError("JWT_SECRET must be at least 32 random characters in production")
        for one in self.proxies:
            try:
                ip_network(one)
            except ValueError:
                raise SettingsError(
                    f"TRUSTED_PROXIES names {one!r}; it must list addresses or networks (CIDR). "
                    "Whoever is trusted says who its clients are: trust no one whom you do not run"
                ) from None
            if ip_network(one).prefixlen == 0:
                raise SettingsError(
                    f"TRUSTED_PROXIES names {one}, which is everybody: then everybody says who "
                    "they are, and no limit holds"
                )
        if self.frontend_domain and not _ORIGIN.fullmatch(self.frontend_origin):
            raise SettingsError(
                f"FRONTEND_DOMAIN is {self.frontend_domain!r}; it must be one origin, such as "
                "https://app.example.org, without a path"
            )
        if self.smtp_url:
            Server.parse(self.smtp_url)
            sender_of(self.mail_from)
            if not self.jwt_secret:
                raise SettingsError("JWT_SECRET is not set; mail has links that are signed with it")
            if self.environment == "production" and not self.api_domain:
                raise SettingsError("API_DOMAIN is not set; mail would have links to this machine")
            if self.smtp_ca_file and not Path(self.smtp_ca_file).is_file():
                raise SettingsError(f"SMTP_CA_FILE is {self.smtp_ca_file!r}; there is no such file")
        if self.environment == "production" and not self.backup_key:
            raise SettingsError(
                "BACKUP_KEY is not set; in production backups are made, and sealed with it: "
                "`openssl rand -base64 32` makes one"
            )
        for name in ("backup_key", "backup_key_previous"):
            if given := getattr(self, name):
                secret_bytes(name.upper(), given)
        keep = (self.backup_keep_daily, self.backup_keep_weekly, self.backup_keep_monthly)
        if min(keep) < 0 or max(keep) > 1000 or not self.backup_keep_daily:
            raise SettingsError(
                f"BACKUP_KEEP_DAILY, _WEEKLY and _MONTHLY are {', '.join(map(str, keep))}; they "
                "must be 0 to 1000, and the first at least 1"
            )
        if self.environment == "production" and self.cache_redis_url == self.redis_url:
            raise SettingsError(
                "CACHE_REDIS_URL is REDIS_URL, or not set; the cache would fill the instance that "
                "must not evict, and then no message is taken. Name a second one that may evict"
            )

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from *environ* (the process's own by default).

        Raises SettingsError, naming the variable, where one is missing or malformed.
        """
        env = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = field.name.upper()
            raw = env.get(name, "").strip()
            if raw:
                values[field.name] = _convert(name, raw, str(field.type))
        for needed in ("database_url", "redis_url"):
            if needed not in values:
                raise SettingsError(
                    f"{needed.upper()} is not set. Start the platform with ./scripts/up.sh, which "
                    "brings its own servers, or name yours in the environment."
                )
        values.setdefault("cache_redis_url", values["redis_url"])
        values.setdefault("database_owner_url", values["database_url"])
        return cls(**values)

    @property
    def api_url(self) -> str:
        """Where the API is reached from outside, without a slash at the end."""
        place = self.api_domain.rstrip("/") or f"http://{self.web_host}:{self.web_port}"
        return place if "://" in place else f"https://{place}"

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks of trusted proxies."""
        return [one.strip() for one in self.trusted_proxies.split(",") if one.strip()]

    @property
    def frontend_origin(self) -> str:
        """The browser application's origin, as `Origin` says it; empty where there is none."""
        named = self.frontend_domain.rstrip("/").lower()
        return named if not named or "://" in named else f"https://{named}"

    @property
    def data(self) -> Path:
        return Path(self.data_folder)

    @property
    def work(self) -> Path:
        return Path(self.work_folder)


def secret_bytes(name: str, given: str) -> bytes:
    """The 32 bytes that *given* spells, in hex or base64 (standard or for URLs).

    Raises SettingsError with the variable's *name* where it spells something else, or something
    that nobody drew by chance.
    """
    found = b""
    with contextlib.suppress(ValueError):
        if len(given) == 64:
            found = bytes.fromhex(given)
        else:
            padded = given.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
            found = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    if len(found) != 32:
        raise SettingsError(
            f"{name} must be 32 random bytes as 64 hex digits or in base64: "
            "`openssl rand -base64 32` makes one"
        )
    if len(set(found)) < 12:  # of 32 random bytes: once in 10^20
        raise SettingsError(f"{name} repeats itself; make one with `openssl rand -base64 32`")
    return found


def _convert(name: str, raw: str, kind: str) -> Any:
    converters: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "str": str}
    if kind == "bool":
        if raw.lower() not in {"0", "1", "false", "true"}:
            raise SettingsError(f"{name} is {raw!r}; it must be 1 or 0")
        return raw.lower() in {"1", "true"}
    try:
        return converters[kind](raw)
    except ValueError:
        raise SettingsError(f"{name} is {raw!r}; it must be a number ({kind})") from None
