#!/usr/bin/env bash
# Usage: pip_install.sh VENV SECTION... Installs sections of pyproject.toml's requirements.
#
# Environment: TENSORFLOW, a minor version such as 2.18, narrows the choice of TensorFlow.
set -euo pipefail

venv=$1
shift

cd "$(dirname "$0")/.."
list=$(mktemp)
trap 'rm -f "$list"' EXIT
"$venv/bin/python" tools/requirements.py "$@" >"$list"
if [[ -n ${TENSORFLOW:-} ]]; then
  echo "tensorflow==${TENSORFLOW}.*" >>"$list"
fi

echo "Installing into $venv: $*"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list"
