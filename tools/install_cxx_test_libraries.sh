#!/usr/bin/env bash
# Installs GoogleTest and Google Benchmark as Debian packages where that can be done without
# asking: as root, on a system with apt-get. Elsewhere names the command; CMake then fetches
# what is missing.
set -euo pipefail

missing=()
[[ -e /usr/include/gtest/gtest.h ]] || missing+=(libgtest-dev)
[[ -e /usr/include/benchmark/benchmark.h ]] || missing+=(libbenchmark-dev)
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "GoogleTest or Google Benchmark is not installed; CMake will fetch them."
elif ((EUID == 0)); then
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "CMake will fetch ${missing[*]}. To use the system's instead:"
  echo "  sudo apt-get install ${missing[*]}"
fi
