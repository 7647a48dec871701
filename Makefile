# Inside BERT. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.DEFAULT_GOAL := help
.PHONY: help app class test quick facts lint bench bench-load e2e clean

help:  ## list the commands
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

app: $(VENV)/.app  ## set up and start the app
	$(BIN)/streamlit run app.py --server.port $(PORT) $(ARGS)

class: $(VENV)/.class  ## one process a processor behind one address; WORKERS=4 says how many
	$(BIN)/python -m deploy.front --port $(PORT) $(if $(WORKERS),--workers $(WORKERS)) $(ARGS)

test: $(VENV)/.dev  ## set up and run all tests, those in a browser included
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

quick: $(VENV)/.dev  ## only the tests without a browser
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/unit tests/integration $(ARGS)

facts: $(VENV)/.dev  ## what the course says of the bundled weights, measured again
	$(BIN)/python -m tests.model_facts $(ARGS)

lint: $(VENV)/.dev  ## ruff and mypy; for the browser's scripts, Deno's linter and type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deno lint
	$(BIN)/deno check assets/components tests/unit/assets

bench: $(VENV)/.dev  ## measure speed and memory; prints, asserts nothing
	$(BIN)/python -m tests.benchmarks $(ARGS)

bench-load: $(VENV)/.dev  ## many learners at once, and a class of 200, on this machine
	$(BIN)/python -m tests.benchmarks.load $(ARGS)

e2e: $(VENV)/.dev  ## only the tests in a browser
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/e2e $(ARGS)

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis build

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Inside BERT needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.app: requirements.txt $(VENV)/.python
	@sh deploy/torch.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.class: requirements-class.txt requirements.txt $(VENV)/.python
	@sh deploy/torch.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements-class.txt
	touch $@ $(VENV)/.app

$(VENV)/.dev: requirements-dev.txt requirements-class.txt requirements.txt $(VENV)/.python
	@sh deploy/torch.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	$(BIN)/python -m tests.e2e.browser
	touch $@ $(VENV)/.app $(VENV)/.class
