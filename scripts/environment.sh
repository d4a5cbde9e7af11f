# Sourced by up.sh and test.sh: makes .venv with the locked dependencies and this checkout in it.
# Expects the project's root as working folder. Does nothing where all is as the lock says.

fail() { echo "nutrition: $*" >&2; exit 1; }

# prepare_environment LOCK: a lock that is a superset of one installed earlier is added to it.
prepare_environment() {
  local lock=$1 python=.venv/bin/python found stamp want began
  [ -w . ] || fail "cannot write to $PWD: clone the project into a folder of yours"
  stamp=.venv/installed-${lock##*/}
  want="$(cksum <"$lock") $(cksum <pyproject.toml) $(pwd -P)"
  if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  began=$SECONDS
  [ "$(df -Pk . | awk 'NR == 2 {print int($4 / 1024)}')" -ge 1500 ] ||
    fail "the disk that holds $PWD is full: 1500 MB are needed for dependencies and data"
  # A .venv that was moved, or whose Python is gone, is made anew.
  if ! "$python" -c "import sys; sys.exit(sys.prefix != sys.argv[1])" "$(pwd -P)/.venv" 2>/dev/null; then
    rm -rf .venv
    found=$(find_python) || exit 1
    "$found" -m venv .venv >/dev/null 2>&1 || {
      rm -rf .venv
      fail "$found cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)"
    }
  fi
  printf '  %-44s' "dependencies (${lock##*/})"
  "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" >.venv/pip.log 2>&1 &&
    "$python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . >>.venv/pip.log 2>&1 || {
    echo "failed"
    grep -q 'No space left' .venv/pip.log && fail "the disk that holds $PWD is full"
    fail "the dependencies could not be installed: $(grep -m 1 ERROR .venv/pip.log || tail -n 1 .venv/pip.log) (all of it: $PWD/.venv/pip.log)"
  }
  printf '%6d.0 s\n' $((SECONDS - began))
  echo "$want" >"$stamp"
}

# The first Python of a version that the lock serves.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "no Python 3.11 to 3.14 found on PATH: install one, or put it on PATH"
}
