#!/usr/bin/env bash
# Existing programs, unchanged, under the tracers of this directory. Needs `pyc` in PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"

# Bold on a terminal.
title() {
  if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

run() {
  printf '$ %s\n' "$*"
  "$@" 2>&1
}

title "1. Which statements of json run, when json.tool formats a file?"
export COVER=json
run pyc -m json.tool -t tracers.coverage.StatementCoverage -- --indent 1 programs/order.json
unset COVER

title "2. A program written with floats, first plain, then with every float literal made exact"
run python programs/prices.py
run pyc programs/prices.py -t tracers.exact.ExactFloats

title "3. Events as handlers see them: line:columns, event, source, value"
run pyc programs/tour.py -t tracers.tour.Tour

title "4. Two tracers at once: what calendar calls, and which of its statements run"
export COVER=calendar
run pyc -m calendar -t tracers.calls.CallCount -t tracers.coverage.StatementCoverage -- 2024 2
