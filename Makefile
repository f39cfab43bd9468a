# `make report` and `make test` are all that a newcomer needs: each prepares .venv if it is missing, then does its job.
.PHONY: help report test lab lint bench words notebooks lock

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest

# The first interpreter on the PATH that crmkit supports; PYTHON=… chooses another.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	if $$python -c '$(SUPPORTED)' 2>/dev/null; then echo $$python; break; fi; done)

help:
	@echo "make report     a report on the bundled clinic, in reports/ (SOURCE=orders.csv for your own)"
	@echo "make test       the test suite"
	@echo "make lab        JupyterLab on the notebooks"
	@echo "make lint       style and types"
	@echo "make bench      benchmarks and slow statistical tests"
	@echo "make words      bring the Russian catalogue up to date with the code"
	@echo "make notebooks  run the notebooks again and store their outputs"
	@echo "make lock       resolve requirements.lock again"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "crmkit needs Python 3.11, 3.12 or 3.13: install one, or say make PYTHON=/path/to/python"; exit 1; }
	@echo "Preparing $(VENV) (once; one to three minutes) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

report: $(READY)
	$(BIN)/crmkit report $(if $(SOURCE),--source "$(SOURCE)")

test: $(READY)
	$(PYTEST) -m "not slow" -n 2 --dist loadfile

lab: $(READY)
	$(BIN)/crmkit lab

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(READY)
	$(PYTEST) -m slow -s

words: $(READY)
	$(BIN)/python -m crmkit.wording.extraction

notebooks: $(READY)
	$(BIN)/python -m crmkit.reporting.refresh

# uv resolves for every supported Python at once; it writes no address into the lock.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet \
		--python-version 3.11 --group test --group lint --group build pyproject.toml -o requirements.lock
