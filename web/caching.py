"""Answers from the cache: their tag, how long a client may keep them, and where they came from."""

from __future__ import annotations

import hashlib
import math

from flask import Response, request

from kernel.cache import Cached, Status

#: Seconds for which a client may use what it was given without asking.
KEEP = 60
#: Our name in `Cache-Status` (RFC 9211).
NAME = "nutrition"

_CAME = {
    Status.MISS: "fwd=uri-miss; stored",
    Status.COLLAPSED: "fwd=uri-miss; collapsed",
    Status.BYPASS: "fwd=bypass; detail=not-kept",
}


def cached_answer(cached: Cached, *, keep: int = KEEP) -> Response:
    """A JSON answer with `ETag`, `Cache-Control` and `Cache-Status`; 304 where the client has it.

    keep: seconds for which the client need not ask again; 0 where what it writes may change it.
    """
    response = Response(cached.value, 200, content_type="application/json")
    response.set_etag(hashlib.sha256(cached.value).hexdigest()[:32])
    # Private: the data is everybody's, but only who has a key is answered.
    response.headers["Cache-Control"] = f"private, max-age={keep}" if keep else "private, no-cache"
    response.headers["Cache-Status"] = cache_status(cached)
    response.make_conditional(request)
    return response


def cache_status(cached: Cached) -> str:
    """The header of RFC 9211. A ttl below 0 says that the answer is given past its date."""
    came = _CAME.get(cached.status)
    return f"{NAME}; {came}" if came else f"{NAME}; hit; ttl={math.floor(cached.ttl)}"
