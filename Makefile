# Every target sets up what it needs; nothing is done twice.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
SCHOOL ?= deploy/example-school/school.yaml
EVAL ?= ../shared/eval
EMBEDDER := $(VENV)/share/all-MiniLM-L6-v2/model.onnx
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test soak bench eval lint setup clients clean
.DELETE_ON_ERROR:

run: setup ## serve the staff room on 127.0.0.1:8080 (PORT=, SCHOOL=)
	@$(BIN)/assistant serve --school "$(SCHOOL)" --port "$(PORT)"

test: setup ## run the linters and all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --cov=assistant.domain --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

lint: setup ## mend what the linters can mend, say the rest
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

bench: setup ## measure speed and memory, as ratios within one run
	$(BIN)/python tests/bench.py
	$(BIN)/python -m tests.load
	$(BIN)/python -m tests.chat_load

soak: setup ## kill it 10,000 times on each database (SQLite, and PostgreSQL at TEST_POSTGRES)
	$(BIN)/python -m tests.soak

eval: setup ## score answers beside two baselines (EVAL=folder with questions, REPORT=page.md for each miss)
	$(BIN)/python -m tests.evaluate "$(EVAL)" $(if $(REPORT),--report "$(REPORT)")

clients: setup ## install Microsoft's own clients (needs node), to try the Teams door with in `make test`
	@mkdir -p $(VENV)/clients && cp tests/clients/package.json tests/clients/package-lock.json $(VENV)/clients/
	@npm ci --prefix $(VENV)/clients --no-audit --no-fund --loglevel=error

setup: $(VENV)/.ready $(EMBEDDER)

$(VENV)/.ready: pyproject.toml requirements.lock
	@test -x $(BIN)/python || { echo "Making the environment in $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what is needed (a few minutes, once) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Without the model questions are answered from keywords, so a failure here stops nothing; the next run tries again.
$(EMBEDDER): $(VENV)/.ready index/adapter.npz
	@$(BIN)/assistant model || echo "Going on without the embedding model; answers will be worse. Try again with: make setup"
	@test ! -f $@ || touch $@

clean: ## remove the environment and the data
	rm -rf $(VENV) .data
