# Both of these work on a fresh machine with Python 3.11 to 3.13:
#   make demo    install into .venv, generate and judge clips, compare two ways of sampling
#   make test    install into .venv with the test extra, lint, type-check, run the suite
PYTHON ?= python3
CLIPS ?=
ASSETS := $(or $(LVBENCH_ASSETS),../shared)
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint format benchmark validity presentations parity pairs protocols ci-gate statistics boards clean

help:
	@echo "make demo [CLIPS=folder]  generate, judge and compare clips, or judge a folder of yours"
	@echo "make test [WORKERS=2]     lint, type-check and run the whole test suite"
	@echo "make lint                 ruff and mypy only"
	@echo "make format               let ruff rewrite what it can"
	@echo "make benchmark            frames per second, processor time by stage, peak memory (minutes)"
	@echo "make presentations        write clips as exports do, compare scores, write docs/validity.md"
	@echo "make validity             plant faults in the real clips, write docs/validity.md (minutes)"
	@echo "make parity               our numbers beside the references', into docs/parity.md"
	@echo "make pairs                which scores side with the labels of real clips, into docs/pairs.md"
	@echo "make ci-gate              the gate for pull requests, shown on the reference model, into docs/ci.md"
	@echo "make protocols            every protocol on a still and on noise at 64 pixels (five minutes)"
	@echo "make statistics           coverage of intervals, rates of tests: the tables of docs/statistics.md (a quarter of an hour)"
	@echo "make boards               the first rows of leaderboards/, their boards in leaderboards/boards (hours; it resumes)"
	@echo "make clean                remove $(VENV) and caches; runs/ stays"

demo: $(VENV)/demo.stamp
	OMP_WAIT_POLICY=passive $(BIN)/lvbench demo --out runs/demo $(if $(CLIPS),--videos "$(CLIPS)")

# Two workers on purpose, one thread each: tests start worker processes of their own.
test: lint
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/pytest -n $(WORKERS) --dist loadfile --max-worker-restart 2

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.memory

presentations: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.presentations $(ASSETS)/assets/videos --write docs/validity.md

validity: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.validity $(ASSETS)/assets/videos >validity.tmp
	sed -n '/^## The same presentation/,$$p' docs/validity.md | sed '1s/^/\n/' >>validity.tmp
	mv validity.tmp docs/validity.md

parity: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.parity $(ASSETS) >parity.tmp
	mv parity.tmp docs/parity.md

pairs: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.pairs $(ASSETS)/assets/videos $(ASSETS) >pairs.tmp
	mv pairs.tmp docs/pairs.md

ci-gate: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/python -m benchmarks.ci_gate

protocols: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.protocols docs/protocols.md

# Prints the tables; docs/statistics.md explains them and is edited by hand.
statistics: $(VENV)/test.stamp
	for part in interval_coverage paired_rates onset_rates period_rates fvd_intervals; do \
		OMP_NUM_THREADS=1 LVBENCH_ASSETS="$(ASSETS)" $(BIN)/python benchmarks/statistics/$$part.py || exit 1; \
	done

boards: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/python -m benchmarks.boards $(if $(ROWS),--only $(ROWS))
	$(BIN)/lvbench leaderboard build

clean:
	rm -rf $(VENV) build dist lvbench.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# constraints.txt pins torch and torchvision to one another: without it the resolver may take
# a torchvision that wants a newer torch, and with it a CUDA build of several gigabytes.
$(VENV)/core.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e .
	@touch $@

$(VENV)/demo.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e ".[reference]"
	@touch $@ $(VENV)/core.stamp

$(VENV)/test.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -c constraints.txt -e ".[test]"
	@touch $@ $(VENV)/demo.stamp $(VENV)/core.stamp

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) not found: install Python 3.11 to 3.13, or name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "lvbench needs Python 3.11 to 3.13, not $$($(PYTHON) -V 2>&1): make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "no venv module: on Debian or Ubuntu, apt-get install python3-venv"; exit 1; }
