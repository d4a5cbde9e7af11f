#!/usr/bin/env bash
# Stops everything that scripts/up.sh started in this checkout, and nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ ! -x .venv/bin/python ]; then echo "Nothing runs here."; exit 0; fi
exec .venv/bin/python -m embedded down "$@"
