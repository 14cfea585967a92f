# `make run` runs Onetake locally, `make test` tests it. Both set up what they need.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test nightly lint format types lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: python-found
python-found:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Setup cannot go on: $(PYTHON) is not installed; install Python 3.11 to 3.13 (with venv)." >&2; exit 1; }

setup: install ## Make .venv, a local .env and its database
	@$(VENV)/python manage.py migrate --no-input --verbosity 0

.PHONY: install
install: python-found
	@$(PYTHON) tools/setup.py

setup-dev: python-found
	@$(PYTHON) tools/setup.py --dev

run: install ## Run the whole site at http://127.0.0.1:8000 (PORT=... for another), until Ctrl-C
	@PORT=$(PORT) $(VENV)/python -m marketplace.launcher

test: setup-dev ## Run every test that this machine can run
	@$(VENV)/python -m tests.run

nightly: setup-dev ## Run what takes long: 20,000 steps of the market model, crowds, failure drills
	@$(VENV)/python -m tests.nightly

lint: setup-dev ## Check style, types, import contracts and migrations
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/lint-imports
	@$(VENV)/mypy
	@ONETAKE_ENV=test SECRET_KEY=lint $(VENV)/python manage.py makemigrations --check --dry-run

format: setup-dev ## Format the code
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

lock: ## Pin requirements/*.in with hashes and without addresses (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --override requirements/overrides.txt requirements/base.in -o requirements/base.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --override requirements/overrides.txt -c requirements/base.txt requirements/dev.in -o requirements/dev.txt

clean: ## Remove .venv and caches; var/ and .env stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
