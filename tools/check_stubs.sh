#!/usr/bin/env bash
# Compares _native.pyi with the installed module it describes.
set -euo pipefail
cd "$(dirname "$0")/.."

python -m mypy.stubtest --concise --ignore-unused-allowlist \
  --allowlist tools/stubtest_allowlist.txt tf_layer_registry._native
