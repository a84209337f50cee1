#!/usr/bin/env bash
# Puts in place what the make targets need. Quick when it is there already.
#
#   ensure.sh packages GROUP...          Debian packages; groups: build test lint
#   ensure.sh environment VERSION [dev]  prints the virtual environment of that Python (tools/pythons.sh), made if need
#                                        be, with this package built in place; dev: requirements-dev.txt as well
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "pyccolo_native: $*" >&2; exit 1; }

# A version manager's shim may stand before a tool that works.
runs() {
  local path
  while read -r path; do "$path" --version >/dev/null 2>&1 && return; done < <(type -aP "$1")
  return 1
}

has_header() { echo "#include <$1>" | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1; }

missing_packages() {
  local group
  for group in "$@"; do
    case $group in
      build)
        runs "${CXX:-c++}" || echo g++
        runs cmake || echo cmake
        runs ninja || echo ninja-build
        [ -n "$(PYTHONS='' tools/pythons.sh 2>/dev/null)" ] || echo python3-dev python3-venv
        has_header boost/container/small_vector.hpp || echo libboost-dev ;;
      test) has_header doctest/doctest.h || echo doctest-dev ;;
      lint)
        runs g++ || echo g++
        runs clang++ || echo clang
        runs clang-format || echo clang-format ;;
      *) die "ensure.sh: no group $group" ;;
    esac
  done
}

packages() {
  local missing root=()
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  command -v apt-get >/dev/null || die "please install what these Debian packages have: $missing"
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || die "please install as root: apt-get install $missing"
    root=(sudo -n)
  fi
  echo "installing $missing" >&2
  "${root[@]}" apt-get update -q >&2
  # shellcheck disable=SC2086
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing </dev/null >&2
}

# The first Python of the machine has .venv, any other .venv-VERSION.
environment_of() {
  [ "$(PYTHONS='' tools/pythons.sh 2>/dev/null | sed -n '1s/ .*//p')" = "$1" ] && echo .venv || echo ".venv-$1"
}

# Runs a command unless it ran for the same state of the given files; the marker lives in the environment.
once() {
  local marker=$1 files=$2 state
  shift 2
  # shellcheck disable=SC2086
  state=$(cat $files | sha256sum)
  [ "$(cat "$marker" 2>/dev/null)" = "$state" ] && return
  "$@"
  echo "$state" >"$marker"
}

requirements() {
  "$1/bin/python" -m pip install -q --disable-pip-version-check -r requirements-dev.txt >&2
  # It would import hunter in every process, and with it threading, before anything is tested or measured.
  rm -f "$1"/lib/python3*/site-packages/hunter.pth
  rm -f "$1/.package"  # Pyccolo, the oracle, has a `pyc` command too: ours comes last
}

# Whether the environment $2 is there, complete, and of the Python $1.
is_of() {
  local identity='import sys; print(sys.base_prefix, sys.version)'
  "$2/bin/python" -m pip --version >/dev/null 2>&1 && [ "$("$1" -c "$identity")" = "$("$2/bin/python" -c "$identity")" ]
}

package() { "$1/bin/python" -m pip install -q --disable-pip-version-check -e . >&2; }

environment() {
  local version=$1 dev=${2:-} python folder
  python=$(tools/pythons.sh | sed -n "s/^$version //p")
  [ -n "$python" ] || die "no Python $version here"
  folder=$(environment_of "$version")
  if ! is_of "$python" "$folder"; then
    echo "making $folder with $python" >&2
    "$python" -m venv --clear "$folder"
  fi
  [ -z "$dev" ] || once "$folder/.requirements" requirements-dev.txt requirements "$folder"
  once "$folder/.package" "pyproject.toml setup.py tools/build_backend.py" package "$folder"
  "$folder/bin/python" tools/build_native.py >&2
  echo "$folder"
}

case ${1:-} in
  packages | environment) "$@" ;;
  *) sed -n '2,7p' "$0" >&2; exit 2 ;;
esac
