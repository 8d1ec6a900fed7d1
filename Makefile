# Both of these work on a fresh machine with Python 3.11 to 3.13:
#   make demo    install into .venv, generate clips with two presets, score and compare them
#   make test    install into .venv with the test extra, lint, type-check, run the suite
PYTHON ?= python3
CLIPS ?=
ASSETS := $(or $(LVBENCH_ASSETS),../shared)
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint format benchmark validity presentations parity pairs footage protocols ci-gate statistics boards clean

help:
	@echo "make demo [CLIPS=folder]  generate, score and compare clips, or score your own folder"
	@echo "make test [WORKERS=2]     lint, type-check and run the full test suite"
	@echo "make lint                 run ruff and mypy only"
	@echo "make format               format and fix the code with ruff"
	@echo "make benchmark            measure frames per second, processor time by stage, peak memory (minutes)"
	@echo "make presentations        write clips as exports do, compare scores, write docs/validity.md"
	@echo "make validity             plant faults and cheats, try all metrics, write docs/validity.md (hours; resumes)"
	@echo "make parity               compare our numbers with other implementations, write docs/parity.md"
	@echo "make pairs                compare scores with the labels of real clips, write docs/pairs.md"
	@echo "make footage              score clips of published models, compare with labels, write docs/validity.md (minutes)"
	@echo "make ci-gate              run the pull-request gate on the reference model, write docs/ci.md"
	@echo "make protocols            run every protocol on a still and on noise at 64 pixels, write docs/protocols.md (five minutes)"
	@echo "make statistics           measure coverage of intervals and error rates of tests, print tables (15 minutes)"
	@echo "make boards               compute the first rows of leaderboards/ and build leaderboards/boards (hours; resumes)"
	@echo "make clean                remove $(VENV) and caches; keep runs/"

demo: $(VENV)/demo.stamp
	OMP_WAIT_POLICY=passive $(BIN)/lvbench demo --out runs/demo $(if $(CLIPS),--videos "$(CLIPS)")

# Two workers, one thread each: tests start further worker processes. Files keep their order: slow ones are first.
test: lint
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 2

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

# Exit code 1 states that a declared reaction is lost: the page has it.
validity: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/lvbench validate-metrics --source $(ASSETS)/assets/videos --source world \
		$(if $(WEIGHTS),--weights $(WEIGHTS)) --workers $(WORKERS) --out runs/validity \
		--page docs/validity.md --accept || [ $$? -eq 1 ]

parity: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.parity $(ASSETS) >parity.tmp
	mv parity.tmp docs/parity.md

pairs: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.pairs $(ASSETS)/assets/videos $(ASSETS) >pairs.tmp
	mv pairs.tmp docs/pairs.md

footage: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.footage $(ASSETS)/footage $(ASSETS)/assets/human_data --weights $(ASSETS) \
		--without raft_small --workers $(WORKERS) --out runs/footage --write docs/validity.md --figure docs/footage.svg

ci-gate: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/python -m benchmarks.ci_gate

protocols: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.protocols docs/protocols.md

# Prints the tables; docs/statistics.md explains them and is edited manually.
statistics: $(VENV)/test.stamp
	for part in interval_coverage paired_rates onset_rates period_rates fvd_intervals; do \
		OMP_NUM_THREADS=1 LVBENCH_ASSETS="$(ASSETS)" $(BIN)/python benchmarks/statistics/$$part.py || exit 1; \
	done

boards: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/python -m benchmarks.boards $(if $(ROWS),--only $(ROWS))
	$(BIN)/lvbench leaderboard build

clean:
	rm -rf $(VENV) build dist lvbench.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# constraints.txt pins matching versions of torch and torchvision. Without it the resolver may choose
# a torchvision that requires a newer torch, and a CUDA build of several gigabytes.
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
