#!/usr/bin/env bash
# Runs the test suite on every CPython of this machine (PYTHONS restricts them): tools/test.sh [pytest arguments]
#
# What does not depend on the Python version (style, packaging, the doctest cases), and what is fetched from PyPI, runs on
# the first one.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/ensure.sh packages build test
mapfile -t versions < <(tools/pythons.sh | cut -d' ' -f1)
[ ${#versions[@]} -gt 0 ] || { echo "pyccolo_native: no CPython 3.11 or later matches PYTHONS=${PYTHONS:-}" >&2; exit 1; }

once_only=()
summary=()
status=0
for version in "${versions[@]}"; do
  environment=$(tools/ensure.sh environment "$version" dev)
  echo "== Python $version"
  result=0
  PATH="$PWD/$environment/bin:$PATH" "$environment/bin/pytest" "${once_only[@]}" "$@" </dev/null || result=$?
  if [ $result = 0 ]; then
    summary+=("Python $version: ok")
  elif [ $result = 5 ] && [ ${#once_only[@]} -gt 0 ]; then
    summary+=("Python $version: nothing to run")
  else
    summary+=("Python $version: FAILED")
    status=1
  fi
  once_only=(--ignore=tests/style --ignore=tests/native --ignore=tests/test_packaging.py --ignore=tests/packages/test_suites.py)
done
printf '%s\n' "${summary[@]}"
exit $status
