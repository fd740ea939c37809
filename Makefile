# Two commands do the work: `make demo` and `make test`. `make help` lists the rest.
#
# Everything goes into .venv and build/; steps that are up to date are not repeated.

PYTHON ?= python3
# A TensorFlow minor version such as 2.18. Empty: the one in .venv, the newest in a new .venv.
TENSORFLOW ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
export PATH := $(CURDIR)/$(BIN):$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

# Folders are listed too: their time changes when a file is added or removed.
SOURCES := CMakeLists.txt LICENSE $(wildcard README.md) \
  $(shell find cmake csrc python tools -not -path '*/__pycache__*' -not -name '*.pyc')

.DEFAULT_GOAL := help
.PHONY: help demo test test-core test-python install lint format tidy wheel asan tsan bench \
  clean FORCE
.DELETE_ON_ERROR:

help: ## Show this list
	@echo "tf-layer-registry: make TARGET [PYTHON=python3.12] [TENSORFLOW=2.18]"
	@echo
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | \
	  while IFS="$$(printf '\t')" read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done
	@echo
	@echo "Needs Python 3.10 to 3.13, g++, make and git; installs the rest into $(VENV)."

demo: $(STAMPS)/demo $(STAMPS)/install ## Build, install and run the examples: digits.py, tenants.py
	$(BIN)/python examples/digits.py
	$(BIN)/python examples/tenants.py

test: test-core test-python ## Build, install and run every test: GoogleTest, then pytest

test-core: $(STAMPS)/build-tools ## Build and run the C++ core's tests
	@tools/install_cxx_test_libraries.sh
	cmake --preset core
	cmake --build --preset core
	ctest --preset core

test-python: $(STAMPS)/test $(STAMPS)/demo $(STAMPS)/install ## Install and run the Python tests
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

install: $(STAMPS)/install ## Build and install the package into .venv

lint: $(STAMPS)/lint $(STAMPS)/test $(STAMPS)/install ## Check format, lint, types, stubs and workflows
	tools/lint.sh

tidy: $(STAMPS)/lint ## Run clang-tidy over the C++ core
	cmake --preset core
	find csrc/core -name '*.cc' -print0 | xargs -0 -n 1 -P "$$(nproc)" clang-tidy -p build/core --quiet

format: $(STAMPS)/lint ## Reformat C++ and Python in place
	tools/format.sh

wheel: $(STAMPS)/test $(STAMPS)/run ## Build dist/*.whl and dist/*.tar.gz for the TensorFlow in .venv
	$(BIN)/python -m build --no-isolation

asan tsan: $(STAMPS)/build-tools ## Run the core's tests under AddressSanitizer or ThreadSanitizer
	@tools/install_cxx_test_libraries.sh
	cmake --preset $@
	cmake --build --preset $@
	ctest --preset $@

bench: $(STAMPS)/bench $(STAMPS)/install ## Run all benchmarks, or some: make bench PARTS="ops core"
	@tools/install_cxx_test_libraries.sh
	cmake --preset core
	cmake --build --preset core --target tlr_core_bench
	$(BIN)/python -m bench $(PARTS)

clean: ## Remove .venv, build/ and dist/
	rm -rf $(VENV) build dist wheelhouse

# --- Environment: one stamp per step ---------------------------------------------------

$(STAMPS)/venv:
	@tools/make_venv.sh "$(PYTHON)" $(VENV)
	@mkdir -p $(STAMPS) && touch $@

# Rewritten only when the choice changes, so that a change of TENSORFLOW reinstalls it.
$(STAMPS)/tensorflow-choice: FORCE | $(STAMPS)/venv
	@echo '$(TENSORFLOW)' | cmp -s - $@ || echo '$(TENSORFLOW)' > $@
FORCE:

$(STAMPS)/build-tools: pyproject.toml tools/requirements.py | $(STAMPS)/venv
	@tools/pip_install.sh $(VENV) build
	@touch $@

$(STAMPS)/run: $(STAMPS)/build-tools $(STAMPS)/tensorflow-choice
	@TENSORFLOW='$(TENSORFLOW)' tools/pip_install.sh $(VENV) run
	@touch $@

$(STAMPS)/test $(STAMPS)/demo $(STAMPS)/bench $(STAMPS)/lint: $(STAMPS)/%: $(STAMPS)/run
	@TENSORFLOW='$(TENSORFLOW)' tools/pip_install.sh $(VENV) run $*
	@touch $@

# A real install, as users get it; build/ keeps the objects, so only changed files compile.
$(STAMPS)/install: $(STAMPS)/run $(SOURCES)
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --force-reinstall .
	@touch $@
