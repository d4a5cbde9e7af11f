"""Compression: zstd, Brotli or gzip, as the client prefers, where there is something to gain.

Flask-Compress negotiates, sets `Vary`, and gives each encoding an `ETag` of its own: a strong one
names bytes. Downloads are compressed while they stream. Events are not: a compressor would hold
them back.

BREACH, guessing a secret from the length of compressed answers, needs a browser that sends the
victim's credentials along with requests of somebody else's making. Ours are in `Authorization`,
which no browser adds by itself. Problems, which repeat what they were sent, stay plain all the
same; so must answers that carry a secret.
"""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

ENCODINGS = ("zstd", "br", "gzip")
MEDIA_TYPES = ("application/json", "application/x-ndjson", "text/html", "text/css", "image/svg+xml")


def register(app: Flask) -> None:
    """Have *app* compress its answers. To be registered first, so that it runs after all others."""
    app.config.update(
        COMPRESS_MIMETYPES=MEDIA_TYPES,
        COMPRESS_ALGORITHM=ENCODINGS,
        COMPRESS_ALGORITHM_STREAMING=ENCODINGS,
        # Smaller answers fit a packet either way.
        COMPRESS_MIN_SIZE=1024,
    )
    Compress(app)
