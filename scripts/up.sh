#!/usr/bin/env bash
# Sets everything up, starts the platform, prints an example recipe's label and serves until Ctrl-C.
# --detach: leave it running and return; scripts/down.sh stops it. WEB_PORT, FLOWER_PORT and
# METRICS_PORT choose other ports; DATABASE_URL and REDIS_URL use servers of yours instead of the embedded ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/environment.sh
prepare_environment requirements.lock
exec .venv/bin/python -m embedded up "$@"
