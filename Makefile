# Two commands for a fresh machine: `make run` and `make test`. Everything else is below.
#
# What is built is kept outside the checkout, so that a new clone starts warm.
SHELL := /bin/bash
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sogdia
export CARGO_TARGET_DIR ?= $(CACHE)/target
export UV_PYTHON ?= python3.11
UV := $(shell command -v uv 2>/dev/null || echo $(CACHE)/uv/bin/uv)
RUN := $(UV) run --no-sync
# uv leaves bytecode to the first start, which then takes twice as long, and where the environment
# forbids to write it every start does.
COMPILE := test .venv/.compiled -nt uv.lock || { env -u PYTHONDONTWRITEBYTECODE $(RUN) python -c \
	'import sogdia.ledger.node.supervisor, sogdia.ledger.rpc.websocket, structlog' && touch .venv/.compiled; }
WORKERS ?= 2

.PHONY: help run setup setup-run test test-all check format bench bench-screening conformance
.PHONY: conformance-reference docs dist

help:
	@echo 'make run        set up what a node needs and start a development ledger'
	@echo 'make test       set up everything and pass the tests (long suites as a seeded sample)'
	@echo 'make test-all   the same with every suite whole'
	@echo 'make check      formatting, lint, types, layers, licences'
	@echo 'make bench      measure, and write docs/performance.md'
	@echo 'make conformance  run every outside suite whole, and write docs/conformance.md'
	@echo 'make conformance-reference  run the reference client'"'"'s own tests against our node'
	@echo 'make docs       build the documentation into site/'
	@echo 'make dist       build the wheel into dist/'

$(UV):
	@scripts/install-uv $(CACHE)/uv

setup-run: $(UV)
	@$(UV) sync --quiet --locked --inexact --all-extras --no-default-groups
	@$(COMPILE)

setup: $(UV)
	@scripts/install-system-packages
	@$(UV) sync --quiet --locked --all-extras --all-groups
	@$(COMPILE)

run: setup-run
	@$(RUN) sogdia up

test: setup
	cargo test --quiet --release --no-default-features
	$(RUN) pytest -n $(WORKERS) --dist worksteal -m 'not full'

test-all: setup
	cargo test --quiet --release --no-default-features
	SOGDIA_TEST_SEED=$${SOGDIA_TEST_SEED:-random} $(RUN) pytest -n $(WORKERS) --dist worksteal --timeout 14400

check: setup
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) stubtest sogdia._core --allowlist scripts/stubtest-allowlist --ignore-disjoint-bases
	$(RUN) lint-imports
	cargo fmt --all --check
	cargo clippy --quiet --release --features python --all-targets -- -D warnings
	$(RUN) python scripts/check_licences.py

format:
	$(RUN) ruff format .
	$(RUN) ruff check --fix .
	cargo fmt --all

bench: setup
	$(RUN) python -m benchmarks

# nomenklatura, the rival, reads names with PyICU, which has no wheel
bench-screening: setup
	scripts/install-system-packages libicu-dev
	$(RUN) --with nomenklatura==4.17.4 python -m benchmarks.screening

conformance: setup
	$(RUN) python scripts/write_conformance.py

conformance-reference: setup
	$(RUN) python -m tests.conformance.reference

docs: setup
	NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict --quiet

dist: $(UV)
	$(UV) build --wheel --quiet --out-dir dist
