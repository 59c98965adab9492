# Every target makes what it needs. `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test matrix polling calibrate tour check fix run lock clean

help: ## Print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-9s %s\n", $$1, $$2}'

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making the environment in .venv: about a minute, once."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

setup: $(READY) ## Make the environment in .venv, and nothing else

demo: $(READY) ## Play an official who answers residents: no token, nothing to install by hand
	$(BIN)/python -m bot demo $(if $(DEMO_POSTS),--posts "$(DEMO_POSTS)") $(ARGS)

test: $(READY) ## Run the tests (SQLite and PostgreSQL; Chromium where there is one)
	$(BIN)/python -m pytest -n auto $(ARGS)

matrix: $(READY) ## What each network's faults do to the program, as a table
	$(BIN)/python -m tests.scenarios.fault_matrix $(ARGS)

polling: $(READY) ## An hour of polling 500 pages in five networks against their quotas; minutes of CPU
	$(BIN)/python -m benchmarks.polling $(ARGS)

calibrate: $(READY) ## Judge the shipped classifier on rows put aside, after a change of its corpus; minutes of CPU
	$(BIN)/python -m classifier.calibrate

tour: $(READY) ## Make the pictures of docs/tour anew; needs Chromium
	$(BIN)/python -m pytest -q -p no:randomly tests/browser/test_browser_tour.py
	cp build/screenshots/tour/*.png docs/tour/

check: $(READY) ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-cache

fix: $(READY) ## Format, and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

run: $(READY) ## Run the program with config.toml
	$(BIN)/python -m bot run --config config.toml

lock: $(READY) ## Compile requirements.lock anew from pyproject.toml (needs uv on the PATH)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean: ## Remove the environment and what tests leave
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis
