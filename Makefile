# The few commands that build, try and check the ledger. `make` alone lists them.
# Every variable can be given on the command line: make test WORKERS=4

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
UV ?= uv
WORKERS ?= 2
DATABASE ?=
ARGS ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCES := ledger projections clients tests tools
# `make test` runs the complement of this (pyproject.toml, addopts): no test belongs to neither.
SLOW ?= slow or browser or bench
DATABASE_OPTION = $(if $(DATABASE),--database "$(DATABASE)")
IMAGE := build/api.binpb
RELEASED := proto/released.binpb

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Start here

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Create .venv with the pinned, hashed requirements (does nothing when up to date)

$(READY): requirements/dev.txt requirements/main.in pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@test -x "$(BIN)/python" || "$(PYTHON)" -m venv "$(VENV)" \
	  || { echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --requirement requirements/dev.txt
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@touch "$@"

.PHONY: demo
demo: setup ## Run the demonstration; DATABASE=postgresql://... to run it on PostgreSQL
	$(BIN)/tledger demo $(DATABASE_OPTION) $(ARGS)

.PHONY: serve
serve: setup ## Start a server for the home that `tledger init` made; options in ARGS
	$(BIN)/tledger serve $(ARGS)

##@ Before every commit

# Tests start processes while gRPC's threads run; its fork handlers are for children that use gRPC.
export GRPC_ENABLE_FORK_SUPPORT = false

.PHONY: test
test: setup ## Run the tests, PostgreSQL included; ARGS="-k name" for some of them
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

# Exit code 5 means that nothing was selected: right as long as no test is marked, else a mistake.
.PHONY: test-slow
test-slow: setup ## Run the slow tests
	@status=0; $(BIN)/pytest -n $(WORKERS) -m "$(SLOW)" $(ARGS) || status=$$?; \
	  if [ $$status -eq 5 ] && ! grep -rqE --include='*.py' 'mark\.(slow|browser|bench)\b' tests; \
	  then echo "No test is marked slow yet."; else exit $$status; fi

.PHONY: check
check: format-check lint types imports proto-check docs-check api-lint api-breaking ## Run every static check

.PHONY: format
format: setup ## Format the code and apply the safe fixes
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

##@ The contract

.PHONY: proto
proto: setup ## Generate ledger/api/v1 and the tables of the strict event reader from proto/
	$(BIN)/python -m tools.generate_api
	$(BIN)/python -m tools.generate_event_tables
	$(BIN)/python -m tools.generate_event_rules

.PHONY: docs
docs: setup ## Write docs/errors.md from the error catalogue
	$(BIN)/python -m tools.make_error_docs

.PHONY: api-release
api-release: $(IMAGE) ## Keep the contract as released: later changes must be compatible with it
	cp $(IMAGE) $(RELEASED)

##@ Single checks

.PHONY: format-check
format-check: setup ## ruff format, changing nothing
	$(BIN)/ruff format --check .

.PHONY: lint
lint: setup ## ruff, every rule
	$(BIN)/ruff check .

.PHONY: types
types: setup ## mypy --strict, tests and tools included
	$(BIN)/mypy --strict $(SOURCES)

.PHONY: imports
imports: setup ## import-linter: who may import whom
	$(BIN)/lint-imports

.PHONY: proto-check
proto-check: setup ## The committed generated code is what proto/ says
	$(BIN)/python -m tools.generate_api --check
	@$(BIN)/python -m tools.generate_event_tables --check \
	  || { echo "stale: ledger/log/event_tables.py; run \`make proto\`, commit the result."; exit 1; }
	@$(BIN)/python -m tools.generate_event_rules --check \
	  || { echo "stale: ledger/application/event_rules.py; run \`make proto\`, commit the result."; exit 1; }

.PHONY: docs-check
docs-check: setup ## docs/errors.md is what the error catalogue says
	@$(BIN)/python -m tools.make_error_docs --check \
	  || { echo "stale: docs/errors.md; run \`make docs\`, commit the result."; exit 1; }

.PHONY: api-lint
api-lint: $(IMAGE) ## buf lint: names and comments of the contract
	$(BIN)/buf lint $(IMAGE) --path ledger --config buf.json

.PHONY: api-breaking
api-breaking: $(IMAGE) ## buf breaking: compatible with the released contract
	@if [ -f $(RELEASED) ]; \
	  then $(BIN)/buf breaking $(IMAGE) --against $(RELEASED) --path ledger --config buf.json; \
	  else echo "No contract has been released: nothing to be compatible with."; fi

# Always made anew: it takes a second, and a deleted .proto file would not be noticed.
.PHONY: $(IMAGE)
$(IMAGE): setup
	@$(BIN)/python -m tools.generate_api --image $@

##@ Now and then

.PHONY: bench
bench: setup ## Measure throughput and latency on this machine; options in ARGS
	$(BIN)/python -m tests.bench $(ARGS)

.PHONY: lock
lock: ## Compile requirements/*.in to hashed *.txt (needs uv); UPGRADE=1 for the newest versions
	@for name in main dev; do \
	  $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-header --quiet $(if $(UPGRADE),--upgrade) requirements/$$name.in \
	    --output-file requirements/$$name.txt || exit 1; done
	@! grep -n '://' requirements/*.txt || { echo "The lock files must name no address."; exit 1; }

.PHONY: clean
clean: ## Remove what the tools left; .venv stays
	rm -rf build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
