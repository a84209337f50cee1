#!/usr/bin/env bash
# Checks the form of the C++ sources, and that GCC and Clang compile them without a warning.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/ensure.sh packages build test lint
python=$(tools/pythons.sh | sed -n '1s/^[^ ]* //p')
status=0
find csrc tests/native -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run -Werror || status=1
for compiler in gcc clang; do
  "$python" tools/build_native.py --variant "lint-$compiler" --tests --compile-only || status=1
done
[ $status = 0 ] && echo "lint: clean"
exit $status
