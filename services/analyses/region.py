"""The cache's region of ingredient lines that some process has read (`lines.py`)."""

from __future__ import annotations

from kernel.cache import Region

# A key names the engine's code and data: an answer is right for ever, and a date only bounds how
# long one that nobody wants is kept.
LINES = Region(name="lines", fresh=86_400.0)
