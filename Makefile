# Works on a machine with nothing but make and a Python of at least 3.11. Only `make setup` (and `make pins`) need a package index.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
CODE := core adapters plugins tests benchmarks examples
PRESENT = $(wildcard $(CODE))
COMPILE := --quiet --universal --python-version 3.11 --no-sources --no-annotate --no-header --no-emit-index-url --upgrade

# A name on the PATH is not enough: a version manager's shim may stand for a version that is not there.
WORKS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	if $$python -c '$(WORKS)' >/dev/null 2>&1; then echo $$python; break; fi; done)

##@ Start here

.PHONY: help
help: ## Show this page
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s  %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(STAMP) ## Make .venv with everything in it, this repository's distributions editable

$(STAMP): pyproject.toml $(wildcard plugins/*/pyproject.toml) requirements-dev.txt constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 with venv found. Name one: make setup PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -c '$(WORKS)' || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip hatchling editables
	@# uv takes a quarter of the time; where it cannot be had, pip does the same.
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv && $(BIN)/uv --version >/dev/null; \
	then install="$(BIN)/uv pip install --quiet --no-sources --python $(BIN)/python"; \
	else install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; fi; \
	arguments="--constraint constraints.txt --no-build-isolation --requirement requirements-dev.txt --group dev"; \
	$$install $$arguments || $(BIN)/python -m pip install --quiet --disable-pip-version-check $$arguments
	@touch $@
	@echo "Ready: $$($(BIN)/python --version) in $(VENV)"

.PHONY: demo
demo: $(STAMP) ## A year and a half of a real shop's purchases, from the file to the reports
	@$(BIN)/python examples/cdnow/demo.py

.PHONY: demo-relationship
demo-relationship: $(STAMP) ## A year of a small town of synthetic customers: what was recorded, reports, one whole view
	@$(BIN)/python examples/relationship/demo.py

##@ Prove it

.PHONY: test
test: lint types contracts ## Everything: style, types, import contracts, all tests (some half an hour on two cores)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

.PHONY: test-fast
test-fast: $(STAMP) ## The tests that need no database server and take no long time
	$(BIN)/python -m pytest -q -m "not slow and not postgres"

.PHONY: lint
lint: $(STAMP) ## Style and likely mistakes (ruff)
	$(BIN)/ruff check --quiet $(PRESENT)
	$(BIN)/ruff format --quiet --check $(PRESENT)

.PHONY: format
format: $(STAMP) ## Put the code into shape (ruff)
	$(BIN)/ruff check --quiet --fix $(PRESENT) || true
	$(BIN)/ruff format $(PRESENT)

.PHONY: types
types: $(STAMP) ## Types: mypy strict, and basedpyright on what callers see
	$(BIN)/mypy
	$(BIN)/basedpyright --level error

.PHONY: contracts
contracts: $(STAMP) ## Who may import whom (import-linter)
	$(BIN)/lint-imports --no-logo

.PHONY: rules
rules: $(STAMP) ## The rule and example ids that no test names
	@$(BIN)/python tests/rules/list_untested.py

.PHONY: mutants
mutants: $(STAMP) ## Break the code on purpose: some test must fail for each break
	@$(BIN)/python tests/mutants/run.py

.PHONY: soak
soak: $(STAMP) ## Torture: processes killed, connections cut, disks filled; three minutes a database, or SOAK="--hours 8"
	@$(BIN)/python -m tests.soak $(SOAK)

.PHONY: bench
bench: $(STAMP) ## Measure on both databases, peers in the same run (some 25 minutes)
	@$(BIN)/python -m benchmarks

.PHONY: bench-peers
bench-peers: $(STAMP) ## Install the peers that need an environment of their own, .venv-bench
	@$(BIN)/python -m benchmarks.peers.environment

.PHONY: bench-year
bench-year: $(STAMP) ## Live a generated year of 1,000 and 10,000 customers with two processes
	@$(BIN)/python -m benchmarks year

.PHONY: bench-growth
bench-growth: $(STAMP) ## Measure how cost grows with the log, up to ten million entries (hours of it, and 20 GB)
	@$(BIN)/python -m benchmarks growth

##@ Ship it

.PHONY: dist
dist: $(STAMP) ## Wheels and sdists of every distribution, into dist/
	@rm -rf dist
	@for project in . $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml)); do \
		$(BIN)/python -m build --no-isolation --outdir dist $$project; done

.PHONY: pins
pins: $(STAMP) ## Renew constraints.txt from the ranges in the pyproject files
	@{ sed -n '/^#/p' constraints.txt; \
	printf 'pip\nuv\n' | $(BIN)/uv pip compile $(COMPILE) --group dev requirements-dev.txt - | grep -v '^-e'; } > constraints.new
	@# The benchmarks' peers have an environment of their own; what both have is pinned as here, but for SQLAlchemy.
	@$(BIN)/uv pip compile $(COMPILE) --group peers --constraint <(grep -v '^sqlalchemy==' constraints.new) \
		| awk -F== 'NR == FNR {pinned[$$1]; next} !($$1 in pinned)' constraints.new - > constraints.more
	@{ sed -n '/^#/p' constraints.new; sed '/^#/d' constraints.new constraints.more | LC_ALL=C sort -s -t = -k 1,1; } > constraints.txt
	@rm constraints.new constraints.more

.PHONY: clean
clean: ## Remove what was made here, .venv included
	rm -rf $(VENV) .venv-bench dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
