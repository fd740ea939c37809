#!/usr/bin/env bash
# Reformats C++ and Python in place. Run by `make format`, with .venv/bin first on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

ruff check --fix-only .
ruff format .
git ls-files -z --cached --others --exclude-standard '*.h' '*.cc' | xargs -0 -r clang-format -i
