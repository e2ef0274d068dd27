# Everything goes into .venv, made once from the lock files and made again when they change.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV   := .venv
BIN    := $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check
ARGS   ?=

PACKAGING := setup.cfg pyproject.toml

.PHONY: help run test lint format bench bench-quick bench-overload bench-soak lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
	@echo
	@echo "  More arguments go in ARGS, as in: make run ARGS='--port 8001'"

run: $(VENV)/runtime ## Start the service (embedded PostgreSQL unless DATABASE_URL is set)
	@exec $(BIN)/payments serve $(ARGS)

test: $(VENV)/dev ## Run all tests
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: $(VENV)/dev ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m tools.supply_chain

format: $(VENV)/dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/runtime ## Measure transfers beside pgbench, then verify the books
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(VENV)/runtime ## The same in under two minutes, for daily use
	@$(BIN)/python -m benchmarks --quick $(ARGS)

bench-overload: $(VENV)/dev ## Four times more than it can carry: what becomes of it? Draws docs/overload.svg
	@$(BIN)/python -m benchmarks --overload docs/overload.svg $(ARGS)

bench-soak: $(VENV)/runtime ## Ten minutes of transfers: does the memory of a worker grow?
	@$(BIN)/python -m benchmarks --soak $(ARGS)

# Versions stay as they are unless setup.cfg forbids them; ARGS=--upgrade takes the newest.
COMPILE = $(UV) pip compile --quiet setup.cfg --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

lock: ## Pin what setup.cfg asks for, with hashes
	$(eval UV := $(shell command -v $(BIN)/uv || command -v uv))
	@test -n "$(UV)" || { echo "make lock needs uv: run 'make test' once, which installs it." >&2; exit 1; }
	$(COMPILE) --extra dev --extra build --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --output-file requirements-runtime.lock
	@# Only what builds the package: the last file is that one extra, without the project's own needs.
	echo 'setuptools' | $(UV) pip compile --quiet - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --no-annotate \
		--constraint requirements.lock --output-file requirements-build.lock

clean: ## Remove what was made, the embedded database's data excepted
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment ---------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." >&2; \
		echo "Name another one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "This Python cannot make virtual environments (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv --clear $(VENV)

# Hashes are checked; nothing is fetched that the lock files do not name.
$(VENV)/runtime: requirements-runtime.lock requirements-build.lock $(PACKAGING) | $(BIN)/python
	@echo "Installing what the service needs (once)" >&2
	@$(PIP) install --quiet --require-hashes -r requirements-runtime.lock -r requirements-build.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements.lock $(VENV)/runtime
	@echo "Installing what tests and checks need (once)" >&2
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@
