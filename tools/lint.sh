#!/usr/bin/env bash
# Checks format, lint, types, stubs and workflows; goes on after a failure, fails at the end.
# Run by `make lint`, with .venv/bin first on PATH.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

mapfile -t cxx < <(git ls-files --cached --others --exclude-standard '*.h' '*.cc')
mapfile -t shell < <(git ls-files --cached --others --exclude-standard '*.sh' .ci/run)

check "ruff check" ruff check .
check "ruff format" ruff format --check .
check "mypy" mypy
check "stubs" tools/check_stubs.sh
((${#cxx[@]})) && check "clang-format" clang-format --dry-run --Werror "${cxx[@]}"
check "shell syntax" bash -n "${shell[@]}"
check "workflow schema" check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check "workflow security" zizmor --offline --quiet .github/workflows

if ((${#failed[@]})); then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "All checks passed."
