#!/usr/bin/env bash
# Runs the test suite on a build with AddressSanitizer, UBSan and assertions: tools/developer.sh [pytest arguments]
#
# The package is laid out apart, in build/developer/site, so that the release build in the source tree stays usable.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

tools/ensure.sh packages build test
version=$(tools/pythons.sh | sed -n '1s/ .*//p')
python=$root/$(tools/ensure.sh environment "$version" dev)/bin/python

site=$root/build/developer/site
rm -rf "$site"
mkdir -p "$site/pyccolo_native"
find "$root/pyccolo_native" -mindepth 1 -maxdepth 1 ! -name '*.so' ! -name __pycache__ -exec ln -s -t "$site/pyccolo_native" {} +
"$python" tools/build_native.py --variant developer --tests --into "$site/pyccolo_native"

# libstdc++ has to be there before AddressSanitizer looks for __cxa_throw. Python itself never frees all it has at exit,
# so leaks are counted by the tests (live_objects) and not at exit. AddressSanitizer reports to files, also from child
# processes; GCC's UBSan knows only stderr, hence --capture=sys.
library() { "${CXX:-g++}" -print-file-name="$1"; }

# Frames are several times as large as those of a release build; deep trees need as many.
ulimit -s $((64 * 1024)) 2>/dev/null || echo "pyccolo_native: the stack cannot be made larger: deep trees may exhaust it" >&2

# pytest runs in the site, where child processes find this package too; what ARGS name is relative to the project.
arguments=()
paths=()
for argument in "$@"; do
  if [ -e "$root/${argument%%::*}" ]; then paths+=("$root/$argument"); else arguments+=("$argument"); fi
done
[ ${#paths[@]} -gt 0 ] || paths=("$root/tests")

reports=$root/build/developer/report
rm -f "$reports".*
status=0
cd "$site"
env \
  LD_PRELOAD="$(library libasan.so):$(library libstdc++.so.6)" \
  ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:allocator_may_return_null=1:log_path=$reports" \
  UBSAN_OPTIONS=print_stacktrace=1 \
  PYTHONMALLOC=malloc PYTHONPATH="$site" PYC_VARIANT=developer \
  "$python" -m pytest --capture=sys -c "$root/pyproject.toml" --rootdir "$root" "${paths[@]}" "${arguments[@]}" \
  --ignore="$root/tests/style" --ignore="$root/tests/test_packaging.py" </dev/null || status=$?
cat "$reports".* 2>/dev/null && status=1
exit $status
