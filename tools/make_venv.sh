#!/usr/bin/env bash
# Usage: make_venv.sh PYTHON FOLDER. Makes a virtual environment, after checking what it needs.
set -euo pipefail

python=$1
venv=$2

for tool in "$python" g++ git; do
  if ! command -v "$tool" >/dev/null; then
    echo "error: $tool is not installed. On Debian or Ubuntu:" >&2
    echo "  sudo apt-get install g++ git python3 python3-venv" >&2
    exit 1
  fi
done

if ! "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'; then
  echo "error: $("$python" --version) is not supported; TensorFlow 2.16 to 2.21 run on Python" >&2
  echo "3.10 to 3.13. Name another: make PYTHON=python3.12 ..." >&2
  exit 1
fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "error: $python has no venv module. On Debian or Ubuntu:" >&2
  echo "  sudo apt-get install python3-venv" >&2
  exit 1
fi

echo "Making $venv with $("$python" --version)"
"$python" -m venv "$venv"
