"""Access tokens: JSON Web Tokens that name a sign-in, and what else one secret of ours proves.

RFC 7519, 8725 and 9068. Signed with HMAC-SHA-256; `kid` is derived from the secret, so that while
secrets rotate (JWT_SECRET_PREVIOUS) each token says which of the two it was signed with.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from kernel.errors import SettingsError, Unauthenticated
from services.accounts.secrets import REFRESH, digest, spelled

#: Seconds that an access token lives. What it may do is looked up at each use, so this bounds only
#: how long a client goes without refreshing.
LIFETIME = 900
ISSUER, AUDIENCE = "nutrition-platform", "nutrition-api"
#: Seconds by which the clocks of two web hosts may differ.
LEEWAY = 5
#: Characters of the secret, as RFC 7518 (3.2) asks of HS256: 256 bits at least.
SHORTEST_SECRET = 32
#: Characters of a token that is looked at at all; ours have about 370.
LONGEST = 1024

#: One message, whatever is wrong: a forger learns nothing from the difference.
REFUSED = "The access token is unknown, expired or revoked: refresh it, or sign in again."
_ALGORITHM, _TYPE = "HS256", "at+jwt"
_CLAIMS = ("iss", "aud", "sub", "sid", "iat", "exp")


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose sign-in an access token names."""

    account_id: uuid.UUID
    sign_in_id: uuid.UUID


class Signer:
    """Signs and reads with the platform's secret. clock: seconds since the epoch."""

    def __init__(
        self, secret: str, previous: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        for name, value in (("JWT_SECRET", secret), ("JWT_SECRET_PREVIOUS", previous)):
            if len(value) < SHORTEST_SECRET and (value or name == "JWT_SECRET"):
                raise SettingsError(
                    f"{name} has {len(value)} characters; access tokens need one of at least "
                    f"{SHORTEST_SECRET} random ones. ./scripts/up.sh makes one."
                )
        self._clock = clock
        self._secrets = [one.encode() for one in (secret, previous) if one]
        self._by_kid = {_kid(one): one for one in self._secrets}
        self._current = _kid(self._secrets[0])

    def access_token(self, account_id: uuid.UUID, sign_in_id: uuid.UUID) -> str:
        """A token for LIFETIME seconds."""
        now = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": str(sign_in_id),
            "iat": now,
            "exp": now + LIFETIME,
        }
        headers = {"kid": self._current, "typ": _TYPE}
        return jwt.encode(claims, self._secrets[0], algorithm=_ALGORITHM, headers=headers)

    def read(self, token: str) -> Claims:
        """What a token of ours says. Raises Unauthenticated for any other."""
        try:
            claims = self._verified(token)
            account_id, sign_in_id = uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"])
            timely = int(claims["iat"]) - LEEWAY <= self._clock() < int(claims["exp"]) + LEEWAY
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError):
            raise Unauthenticated(REFUSED) from None
        if not timely:
            raise Unauthenticated(REFUSED)
        return Claims(account_id, sign_in_id)

    def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of our secrets signed; none of another kind's."""
        if len(token) > LONGEST:
            return {}
        header = jwt.get_unverified_header(token)
        if header.get("typ") != _TYPE:
            return {}
        claims: dict[str, Any] = jwt.decode(
            token,
            # The key is chosen among ours, and the algorithm is ours: never the token's word.
            self._by_kid[header["kid"]],
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # Times are held against our own clock.
            options={
                "require": list(_CLAIMS),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return claims

    def successors(self, refresh_token: str) -> list[str]:
        """The refresh token that follows on this one; then what the previous secret would say.

        Derived, not drawn: whoever asks twice, its answer being lost, is told the same again, and
        no second token comes into the world.
        """
        return [
            spelled(_hmac(secret, b"refresh token", refresh_token.encode()), REFRESH)
            for secret in self._secrets
        ]

    def origin(self, account_id: uuid.UUID, network: str) -> bytes:
        """What tells a person's familiar network from others, and to nobody which it is."""
        return _hmac(self._secrets[0], b"origin", account_id.bytes + network.encode())


def _kid(secret: bytes) -> str:
    return _hmac(secret, b"kid", b"")[:6].hex()


def _hmac(secret: bytes, purpose: bytes, data: bytes) -> bytes:
    # A key for each purpose: nothing that one of them shows can serve as another.
    key = hmac.digest(secret, purpose, hashlib.sha256)
    return hmac.digest(key, data, hashlib.sha256)


def digests(tokens: list[str]) -> dict[bytes, str]:
    """Tokens by what is stored of them."""
    return {digest(token): token for token in tokens}
