# Two commands matter: `make demo` and `make test`. Both install what they need, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: docs recipes pictures help install demo test test-matrix bench bench-formats soak check types lint format unit pins clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "labelwire needs Python 3.11 or newer; this is %s. Try make PYTHON=python3.12" % sys.version.split()[0])'
	@echo "Installing labelwire into $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

install: $(INSTALLED)  ## the development environment, in .venv

demo: install  ## the main job on a real Label Studio; ARGS="--keep" leaves it running
	@$(BIN)/labelwire demo $(ARGS)

test: check unit  ## every check and every test, on a real Label Studio

check: lint types  ## style and types

lint: install
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: install
	@$(BIN)/mypy
	@$(BIN)/pyright

unit: install
ifdef ARGS
	@$(BIN)/pytest $(ARGS)
else
	@$(BIN)/pytest -n 2 --dist loadfile -m "not alone"
	@$(BIN)/pytest -m alone
endif

MATRIX := 1.8.2 1.13.1 1.20.0 1.23.2

test-matrix: install  ## the scenarios on servers from 1.8.2 to today's
	@for version in $(MATRIX); do \
	    echo "== Label Studio $$version"; \
	    LABELWIRE_TEST_VERSION=$$version $(BIN)/pytest tests/scenario -rs || exit 1; \
	done

bench: install  ## labelwire beside the official SDKs, on a real Label Studio; writes docs/benchmarks.md
	@$(BIN)/python -m benchmarks $(ARGS)

bench-formats: install  ## conversions beside the official converter's; writes docs/benchmarks.md too
	@$(BIN)/python -m benchmarks.formats $(ARGS)

docs: install  ## the site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir build/site

recipes: install  ## the recipes of the docs in a clean environment, on a real Label Studio
	@$(BIN)/python docs/clean_environment.py

pictures: docs  ## writes the pictures of docs/pictures, on a real Label Studio
	@$(BIN)/python docs/pictures.py

soak: install  ## 50,000 tasks through a proxy that fails, to a server that is killed twice
	@LABELWIRE_SOAK=1 $(BIN)/pytest tests/faults/test_soak.py $(ARGS)

format: install  ## write the code in its style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

pins: install  ## choose the versions of everything anew
	@$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --no-annotate --no-header \
	    --no-emit-index-url --all-extras requirements/dev.in pyproject.toml --output-file requirements/dev.txt
	@cd src/labelwire/server/requirements && echo label-studio==1.23.2 | ../../../../$(BIN)/uv pip compile --quiet \
	    --universal --upgrade --python-version 3.11 --no-annotate --no-header --no-emit-index-url \
	    --output-file label-studio-1.23.2.txt -

clean:  ## remove what was installed and built here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
