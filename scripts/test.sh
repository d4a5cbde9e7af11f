#!/usr/bin/env bash
# Sets everything up and runs the tests on real engines of their own; arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/environment.sh
prepare_environment requirements-dev.lock
# Three on two cores: the tests that kill processes mostly wait. Stolen, so that the long ones do not
# pile up behind one another.
exec .venv/bin/python -m pytest -n 3 --dist worksteal "$@"
