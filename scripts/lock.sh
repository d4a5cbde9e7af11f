#!/usr/bin/env bash
# Writes the two locks anew from pyproject.toml: one resolution for Python 3.11 to 3.14, Linux and macOS,
# with hashes and without addresses. Needs `uv` (pip install uv). requirements-dev.lock adds the tools of tests and checks.
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url
  --no-emit-find-links --no-annotate --no-header --quiet)
"${compile[@]}" "$@" -o requirements.lock
"${compile[@]}" "$@" --group dev -c requirements.lock -o requirements-dev.lock
