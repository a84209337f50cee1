#!/usr/bin/env bash
# Lists the CPythons (3.11 and later) of this machine that can build extensions, one line "VERSION PATH" each, ascending.
#
# Looks along PATH, then in pyenv's versions; the first of each version counts. A free-threaded build is a version of
# its own (3.13t). PYTHONS="python3.12 /opt/python/bin/python3" restricts the list to these names and adds these paths.
set -euo pipefail

probe='
import importlib.util, os, sys, sysconfig
if sys.implementation.name == "cpython" and sys.version_info >= (3, 11):
    version = "%d.%d" % sys.version_info[:2] + getattr(sys, "abiflags", "")
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    lacks = [] if os.path.exists(header) else ["headers (%s-dev)"]
    lacks += [] if importlib.util.find_spec("ensurepip") else ["ensurepip (%s-venv)"]
    print(version, sys._base_executable, *["%s" % (lack % ("python" + version)) for lack in lacks][:1])
'

candidates() {
  local folder
  IFS=: read -ra folders <<<"$PATH"
  for folder in "${folders[@]}"; do
    compgen -G "$folder/python3" || true
    compgen -G "$folder/python3.[0-9]*" | grep -E '/python3\.[0-9]+t?$' || true
  done
  compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/*/bin/python3" | sort -rV || true
}

# Prints the probe's line for one interpreter, nothing for one that does not run or is too old.
examine() { "$1" -c "$probe" 2>/dev/null </dev/null || true; }

declare -A found=() unfit=()
note() {
  local version path lacks
  read -r version path lacks <<<"$1" || true
  [ -n "${version:-}" ] && [ -z "${found[$version]:-}" ] || return 0
  if [ -n "$lacks" ]; then unfit[$version]="$path lacks $lacks"; else found[$version]=$path; fi
}

declare -A wanted=()
for name in ${PYTHONS:-}; do
  case $name in
    */*) note "$(examine "${name/#\~/$HOME}")" ;;
    *) wanted[${name#python}]=1 ;;
  esac
done
for version in "${!found[@]}"; do wanted[$version]=1; done

while read -r candidate; do
  note "$(examine "$candidate")"
done < <(candidates)

for version in "${!unfit[@]}"; do
  [ -n "${found[$version]:-}" ] || echo "pyccolo_native: leaving out Python $version: ${unfit[$version]}" >&2
done
for version in "${!wanted[@]}"; do
  [ -n "${found[$version]:-}" ] || { echo "pyccolo_native: no usable CPython $version here" >&2; exit 1; }
done
for version in "${!found[@]}"; do
  if [ ${#wanted[@]} = 0 ] || [ -n "${wanted[$version]:-}" ]; then echo "$version ${found[$version]}"; fi
done | sort -V
