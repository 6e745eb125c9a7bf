# Two commands do everything on a machine that has Python >= 3.11 and make:
#   make run    install, train the starter model, serve it, say what to open
#   make test   install with the test extras, run every test
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
CORPORA ?= $(FENDAN_CORPORA)
PORT ?= 3000
MLFLOW_PORT ?= 5000
JOBS ?= 2
MODEL_NAME := fendan

.PHONY: help run serve train test test-fast data lint lint-js bench bench-quality bench-review bench-active bento clean distclean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 以上（$(PYTHON) 是 `$(PYTHON) --version`）；可用 make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp per set of extras, so that a second run starts at once.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "安装 Fendan（第一次约一两分钟）…"
	$(PIP) -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "安装 Fendan 与测试所需（含 torch，第一次约两三分钟）…"
	$(PIP) torch
	$(PIP) -e '.[test]'
# Not in [test]: it pins opencv, which pins an older NumPy than ours. Its converter needs neither; what it does import is in [test].
	$(PIP) --no-deps label-studio-sdk
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(PIP) -e '.[bench]'
	@touch $@

run: $(VENV)/.installed  ## install, train the starter model if there is none, serve it, show its runs in MLflow
	@$(BIN)/fendan models $(MODEL_NAME) --json 2>/dev/null | grep -q '"champion"' || $(MAKE) --no-print-directory train
	@mkdir -p var; \
	if [ -n "$$MLFLOW_TRACKING_URI" ]; then exec $(MAKE) --no-print-directory serve; fi; \
	MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow ui --backend-store-uri sqlite:///var/mlflow.db \
	  --host 127.0.0.1 --port $(MLFLOW_PORT) --workers 1 > var/mlflow-ui.log 2>&1 & ui=$$!; \
	trap 'kill $$ui 2>/dev/null' EXIT INT TERM; \
	FENDAN_MLFLOW_URL=http://127.0.0.1:$(MLFLOW_PORT) $(MAKE) --no-print-directory serve

train: $(VENV)/.installed  ## train on the starter tickets and register the model
	$(BIN)/fendan train datasets/starter/tickets.jsonl --out var/model --register $(MODEL_NAME)

serve: $(VENV)/.installed  ## serve the champion
	$(BIN)/fendan serve --model models:/$(MODEL_NAME)@champion --port $(PORT)

test-fast: $(VENV)/.installed-test  ## the quick tests, while you write: no training, no service, no browser
	$(BIN)/pytest -q -m fast -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

test: $(VENV)/.installed-test  ## install with test extras and run every test
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS) $(if $(CORPORA),--corpora=$(CORPORA))

data: $(VENV)/.installed-test  ## check the starter tickets: counts, codes, duplicates, shares, seal
	$(BIN)/pytest -q tests/test_datasets_*.py

lint: $(VENV)/.installed-test  ## style and types, of the pages' scripts too where npm is
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-js; \
	elif [ -n "$(NEED_NPM)" ]; then echo "没有 npm，页面脚本的类型查不了；CI 上要有 Node 20 以上" >&2; exit 1; \
	else echo "没有 npm，跳过页面脚本的类型检查（CI 会查）"; fi

lint-js: node_modules/.package-lock.json
	npx --no-install tsc --project jsconfig.json

# Only for the check: nothing of it runs in the service.
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

bench: $(VENV)/.installed-test  ## speed against named peers, in one run on the same tickets
	$(BIN)/python -m benchmarks $(if $(CORPORA),--corpora $(CORPORA))

bench-quality: $(VENV)/.installed-bench  ## accuracy against named peers, in one run on the same splits (hours; resumes)
	$(BIN)/python -m benchmarks.quality $(if $(CORPORA),--corpora $(CORPORA)) --out docs/benchmarks.md

bench-review: $(VENV)/.installed-test  ## server time of each review step with 200,000 tickets in the store
	$(BIN)/python -m benchmarks.review_steps

bench-active: $(VENV)/.installed-test  ## labels that the order of the review queue saves, simulated (needs CORPORA)
	$(BIN)/python -m benchmarks.active $(if $(CORPORA),--corpora $(CORPORA))

bento: $(VENV)/.installed  ## a bento of the champion that serves without training code, MLflow or torch
	$(BIN)/fendan bento --model models:/$(MODEL_NAME)@champion

clean:  ## remove caches and build output (keeps the environment, models and tickets)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean  ## also remove the environment and everything under var/ (models, runs, stored tickets)
	rm -rf $(VENV) var
