# The verbs of the repository. Nothing is needed but make and a Python of 3.11 or later: each verb builds the virtual
# environment it works in from lock/*.txt (versions and hashes), inside this folder, without root and without a service.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv check test demo peers bench models docs lock clean

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := -m pip --disable-pip-version-check --quiet install
TYPED := bridge models xsd docs peers tests $(wildcard bench)
EXAMPLE := examples/sunspec

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: .venv/ready ## build .venv from the lock, with derbridge installed from this folder

.venv/ready: lock/dev.txt pyproject.toml
	@$(if $(PYTHON),,echo 'derbridge needs Python 3.11 or later; name one with make PYTHON=/path/to/python'; exit 1)
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --require-hashes -r lock/dev.txt
	$(BIN)/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

check: venv ## lint, format, types, floors, generated code and pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	MYPYPATH=$(EXAMPLE) $(BIN)/mypy $(EXAMPLE)/derbridge_sunspec $(EXAMPLE)/tests
	$(BIN)/lint-imports
	$(BIN)/python -m xsd.generate check
	$(BIN)/python -m docs.generate --check

test: venv ## run the tests
	$(BIN)/python -m pytest

demo: venv ## play a story with the bridge, six inverters, an aggregator and a head-end
	@$(BIN)/derbridge demo --once

peers: venv ## compare with foreign programs and other Pythons; writes build/peers.json
	$(BIN)/python -m peers $(STRICT)

bench: .venv-bench/ready ## print speed as ratios against named references
	.venv-bench/bin/python -m bench

.venv-bench/ready: lock/dev.txt lock/bench.txt pyproject.toml
	rm -rf .venv-bench
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python $(PIP) --require-hashes -r lock/bench.txt
	.venv-bench/bin/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

models: venv ## delete and rewrite models/ from the schemas
	$(BIN)/python -m xsd.generate models

docs: venv .venv-docs/ready ## write the generated pages, and build the documentation into build/docs
	$(BIN)/python -m docs.generate
	.venv-docs/bin/zensical build --clean --strict

.venv-docs/ready: lock/docs.txt
	rm -rf .venv-docs
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python $(PIP) --require-hashes -r lock/docs.txt
	@touch $@

lock: .venv-lock/ready ## resolve again and rewrite lock/; UPGRADE=--upgrade takes newer versions
	$(COMPILE) pyproject.toml -o lock/run.txt
	$(COMPILE) pyproject.toml --group dev -c lock/run.txt -o lock/dev.txt
	$(COMPILE) pyproject.toml --group bench -c lock/dev.txt -o lock/bench.txt
	$(COMPILE) --group docs -o lock/docs.txt
	$(COMPILE) --group lock -o lock/lock.txt

# One lock for every Python from 3.11 on and every platform; no index address, no comment, no path of this machine.
COMPILE = .venv-lock/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 $(UPGRADE) \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.venv-lock/ready: lock/lock.txt
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python $(PIP) --require-hashes -r lock/lock.txt
	@touch $@

clean: ## remove everything a verb has built
	rm -rf .venv .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
