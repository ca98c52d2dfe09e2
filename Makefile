# The one front door. `make` alone says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run dev check test pcsc test-postgres bench docs build lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

# The stamps hold the locks' digests, so that nothing is installed twice and a changed lock is noticed.
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Fanal needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run ## make the environment and open the station at localhost:8000
	@$(BIN)/fanal up

dev: $(VENV)/.dev ## everything a developer needs, in .venv

check: dev ## lint, types, import contracts, lock and build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m build --no-isolation --outdir build/dist . >/dev/null && echo "built: $$(ls build/dist | tr '\n' ' ')"

test: dev ## all tests, with the system packages that they need
	@tools/system-packages
	$(BIN)/python -m pytest -rs

pcsc: $(VENV)/.run ## the library for PC/SC readers; where it has to be built: swig, libpcsclite-dev, a C compiler
	@tools/system-packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-pcsc.lock

test-postgres: dev ## the station's tests on a PostgreSQL of their own, where it is installed
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest tests/station --ignore tests/station/browser

bench: dev ## the figures of bench/
	$(BIN)/python -m bench

docs: $(VENV)/.run ## write the generated pages of docs/
	$(BIN)/fanal docs

lock: ## compile the locks again (needs uv); names no index host
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra capture --extra specimen --extra chip --extra ledger --extra station --extra postgres --extra screening --extra exchange \
	  --overrides overrides.txt pyproject.toml build.in -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --group dev --constraints requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra pcsc pyproject.toml -o requirements-pcsc.lock

clean: ## remove the environment and what was built
	rm -rf $(VENV) build dist
