# make demo: set up and run the main job. make test: set up and run every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: setup demo test check

setup: $(VENV)/.setup

$(VENV)/.setup: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt --editable .
	$(BIN)/python -m compileall -q indexer matcher evaluation api
	@touch $@

$(VENV)/.setup-test: $(VENV)/.setup
	$(PIP) install --constraint constraints.txt --editable ".[models,test]"
	@touch $@

demo: $(VENV)/.setup
	$(BIN)/cungcau demo --out demo-out

test: $(VENV)/.setup-test
	$(BIN)/pytest -n auto

check: $(VENV)/.setup-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
