# Everything a contributor or a pipeline runs. Each target does its own set-up; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# Every process would compile every module anew; a suite starts hundreds of them.
export PYTHONDONTWRITEBYTECODE :=
# The engine's arrays come and go: glibc would give each back to the system, a tenth of the suite's time.
export MALLOC_MMAP_THRESHOLD_ := 33554432
export MALLOC_TRIM_THRESHOLD_ := 536870912

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SPECS  ?= slos/
OUT    ?= generated/
# One process more than processors, as some tests wait for servers; neighbours stay together, as they share fixtures.
PYTEST ?= -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal
QUICK  := --hypothesis-profile=quick -m "not slow"
# What shows that the code runs on one more Python: the engine, specs to rules and proofs, processes, the command line.
SHORT  := tests/promrules tests/model tests/diagnostics tests/specs tests/proofs tests/compile tests/output tests/cli \
          tests/prometheus tests/loadtest/gate tests/rules/test_ca3.py tests/rules/test_derived.py
SAMPLE ?= 8

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Create .venv with the locked dependencies and burnproof itself

.PHONY: generate
generate: $(READY) ## Compile slos/ into generated/
	$(BIN)/burnproof generate $(SPECS) -o $(OUT)

.PHONY: check
check: $(READY) ## Fail on problems in slos/ and on drift in generated/
	$(BIN)/burnproof check $(SPECS)
	$(BIN)/burnproof generate $(SPECS) -o $(OUT) --check

# Three minutes on two processors: samples of what is exhaustive, and a tenth of the random examples.
.PHONY: test
test: $(READY) ## Run the quick tests; what was skipped is listed at their end
	$(BIN)/python -m pytest $(PYTEST) $(QUICK)

.PHONY: test-all
test-all: test test-slow ## Run all tests: the quick ones, then the slow ones and every random example

# Without the slow ones of tests/truth: they take an hour, and have targets of their own.
.PHONY: test-slow
test-slow: $(READY) ## Run what make test leaves out: the slow tests, and every random example
	$(BIN)/python -m pytest $(PYTEST) -m "(slow or hypothesis) and not exhaustive" --ignore=tests/truth

# What runs of test-slow draw a few from, each time others.
.PHONY: exhaustive
exhaustive: $(READY) ## Run the variants that test-slow only draws a sample of; takes about an hour
	$(BIN)/python -m pytest $(PYTEST) -m exhaustive

# For one more Python: make test-short PYTHON=python3.13 VENV=build/venv-3.13
.PHONY: test-short
test-short: $(READY) ## Run a part of the quick tests that needs no other program
	$(BIN)/python -m pytest $(PYTEST) $(QUICK) -m "not (slow or promtool or live or browser)" $(SHORT)

# TARGET=http://127.0.0.1:8000 loads something else than the demo, LOAD='--duration 10s' changes the run.
.PHONY: gate
gate: $(READY) ## Load the demo (or TARGET=URL) and judge it by its SLOs; the results stay in build/gate
	BURNPROOF=$(BIN)/burnproof examples/ci/gate.sh $(LOAD)

.PHONY: golden
golden: $(READY) ## Rewrite the expected outputs of tests and docs; review them with git diff
	$(BIN)/python tests/problem_texts.py
	$(BIN)/python tests/spec_page.py
	$(BIN)/python tests/commands_page.py
	$(BIN)/python tests/picture.py
	$(BIN)/python tests/alerting_page.py
	$(BIN)/burnproof generate $(SPECS) -o $(OUT)
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tests/pagerun.py
	git --no-pager diff --stat

.PHONY: bench
bench: $(READY) ## Measure compilation and the engine, and print the figures
	@test -d tests/bench || { echo "There are no benchmarks in tests/bench."; exit 1; }
	set -e; for bench in tests/bench/bench_*.py; do echo "== $$bench"; $(BIN)/python "$$bench"; done

# FUZZ='specs --seed 7 --seconds 3600' chooses what, from where, and for how long.
.PHONY: fuzz
fuzz: $(READY) ## Try mutated specs, rule tests, results and servers; what is at fault is kept in tests/fuzz/found
	$(BIN)/python tests/fuzz/driver.py $(FUZZ)

.PHONY: mutate
mutate: $(READY) ## Change the generated rules one at a time: some proof must fail for each
	$(BIN)/python -m burnproof.proofs.mutation $(OUT)

.PHONY: lint
lint: $(READY) ## Check style and format
	$(BIN)/ruff check --no-cache src tests
	$(BIN)/ruff format --check src tests

.PHONY: format
format: $(READY) ## Format the sources
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --no-cache --fix src tests

.PHONY: types
types: $(READY) ## Check types
	$(BIN)/mypy

.PHONY: wheel
wheel: $(READY) ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist .

.PHONY: tools
tools: promtool $(if $(wildcard tools/judge),judge) ## Build the Go programs that the tests use into build/ (needs Go)

# The current promtool, in about three minutes; ranges are left-open since Prometheus 3, so old and new differ.
.PHONY: promtool
promtool: build/promtool ## Build the current promtool into build/ (needs Go)

build/promtool: tools/go.mod tools/go.sum
	@command -v go >/dev/null || { echo "Go is not installed: see https://go.dev/doc/install"; exit 1; }
	mkdir -p build
	cd tools && go build -o ../build/promtool github.com/prometheus/prometheus/cmd/promtool

.PHONY: judge
judge: build/judge ## Build the judge of tests/truth into build/: Prometheus' own rule manager (needs Go)

build/judge: tools/go.mod tools/go.sum $(wildcard tools/judge/*.go)
	@command -v go >/dev/null || { echo "Go is not installed: see https://go.dev/doc/install"; exit 1; }
	mkdir -p build
	cd tools && go build -o ../build/judge ./judge

# A module of its own: nothing else needs what it requires.
.PHONY: victoriametrics
victoriametrics: build/victoria-metrics ## Build VictoriaMetrics into build/, for tests/live (needs Go, two minutes)

build/victoria-metrics: tools/victoriametrics/go.mod tools/victoriametrics/go.sum
	@command -v go >/dev/null || { echo "Go is not installed: see https://go.dev/doc/install"; exit 1; }
	mkdir -p build
	cd tools/victoriametrics && CGO_ENABLED=0 go build -o ../../build/victoria-metrics \
	    github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics

.PHONY: truth
truth: $(READY) judge ## Judge the rules by every scenario of tests/truth; takes about an hour
	$(BIN)/python -m pytest $(PYTEST) tests/truth -m "slow or not slow"

# Others at each run; its header names the seed, and BURNPROOF_TEST_SEED=... repeats it.
.PHONY: truth-sample
truth-sample: $(READY) judge ## Judge the rules by SAMPLE=8 of these scenarios, drawn by chance
	$(BIN)/python -m pytest $(PYTEST) tests/truth -m slow --sample $(SAMPLE)

.PHONY: lock
lock: $(READY) ## Renew requirements.lock from pyproject.toml (needs the network)
	mkdir -p build
	$(BIN)/python -c "$$LOCKED" > build/tools.in
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	    --no-header --no-annotate --output-file requirements.lock pyproject.toml build/tools.in
	sed -i.bak '1i # Made by `make lock` from pyproject.toml: what the package, its build and its tests need, by hash.' requirements.lock
	rm -f requirements.lock.bak

.PHONY: clean
clean: ## Remove everything that can be made again
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Dependencies first and by hash, then the package itself, whose build needs nothing that is not locked.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "$$RECENT" || { echo "burnproof needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks the venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@if [ -x $(BIN)/python ] && ! $(BIN)/python -m pip --version >/dev/null 2>&1; then echo "Rebuilding $(VENV), which is broken."; rm -rf $(VENV); fi
	@test -x $(BIN)/python || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	$(BIN)/python -m compileall -q src/promrules src/burnproof # as pip does for a wheel: compiling at each start takes 0.2 s
	@touch $@

define RECENT
import sys
sys.exit(sys.version_info < (3, 11))
endef
export RECENT

define LOCKED
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
extras = [need for needs in project["project"]["optional-dependencies"].values() for need in needs]
print(*project["dependency-groups"]["dev"], *extras, *project["build-system"]["requires"], sep="\n")
print("editables>=0.5")  # what hatchling asks for to install in place
endef
export LOCKED
