# make run: the dashboard on port 8501 (PORT= overrides). make test: everything that must hold.
PORT ?= 8501
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Nothing is left outside this folder: no cache of pip's, and a home of its own for what browsers,
# servers and tests write into one. pip keeps the real home, where a machine's own settings of it lie.
OWN_HOME := HOME=$(CURDIR)/artifacts/home TMPDIR=$(CURDIR)/artifacts/tmp
export PIP_NO_CACHE_DIR := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint fix drill bench demo lock

run: $(VENV)/.run
	@$(BIN)/python -m saima demo --if-needed
	@echo "赛马台：http://localhost:$(PORT)"
	@mkdir -p artifacts/home artifacts/tmp
	@$(OWN_HOME) $(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev
	@sh scripts/chromium.sh
	@$(MAKE) --no-print-directory lint
	@mkdir -p artifacts/home artifacts/tmp
	$(OWN_HOME) $(BIN)/pytest -n 2 --dist loadscope

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint queries
	$(BIN)/mypy

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix queries

drill: $(VENV)/.dev
	$(BIN)/python tests/drill_store.py --kills 200
	$(BIN)/python tests/drill_intake.py --examples 10000

bench: $(VENV)/.dev
	@sh scripts/chromium.sh
	@mkdir -p artifacts/home artifacts/tmp
	$(OWN_HOME) $(BIN)/python -m benchmarks.pages
	$(OWN_HOME) $(BIN)/python -m benchmarks.intake
	$(OWN_HOME) $(BIN)/python -m benchmarks.forecast

demo: $(VENV)/.run
	$(BIN)/python -m saima demo

lock: $(VENV)/.dev
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-dev.txt requirements-dev.in

# A stamp holds the day's installation: it is made anew only when the pinned requirements change.
$(VENV)/.run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "安装运行所需的软件包……"
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "安装测试所需的软件包……"
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@
