#!/usr/bin/env bash
# Usage: install_cxx_test_libraries.sh [INCLUDE_FOLDER]. Looks for GoogleTest and Google Benchmark
# in the system's include folder, or in the one named.
#
# Installs them as Debian packages where that can be done without asking: as root, on a system with
# apt-get. Elsewhere names the command. CMake fetches what is still missing, so this never fails.
set -euo pipefail

include=${1:-/usr/include}
missing=()
[[ -e $include/gtest/gtest.h ]] || missing+=(libgtest-dev)
[[ -e $include/benchmark/benchmark.h ]] || missing+=(libbenchmark-dev)
((${#missing[@]})) || exit 0

command="apt-get install ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  if command -v dnf >/dev/null; then
    command="dnf install gtest-devel google-benchmark-devel"
  elif command -v zypper >/dev/null; then
    command="zypper install gtest benchmark-devel"
  elif command -v pacman >/dev/null; then
    command="pacman -S gtest benchmark"
  else
    echo "CMake will fetch GoogleTest and Google Benchmark where they are missing. To use the"
    echo "system's instead, install their headers and libraries with its package manager."
    exit 0
  fi
elif (($(id -u) == 0)); then
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # The lists may be good enough where they cannot be brought up to date.
  apt-get update -qq || true
  if apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null; then
    exit 0
  fi
  echo "apt-get failed."
fi

echo "CMake will fetch GoogleTest and Google Benchmark where they are missing. To use the"
echo "system's instead:"
(($(id -u) == 0)) || command="sudo $command"
echo "  $command"
