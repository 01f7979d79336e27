# Everything here also works by hand: see CONTRIBUTING.md. `make` alone tells what there is.
#
# Settings, each as `make NAME=value …` or from the environment:
#   PYTHON   the Python to make .venv with (3.11 or newer; found by itself otherwise)
#   CC, CXX  the C and C++ compilers
#   JOBS     how many compilers may run at once (2)
#   REASON   with `make guard`: why what is counted now is the new baseline
#   BENCH    options of `make bench`, such as --quick, or --only message
#   PLUGIN   the plugin that `make run` chats with in the terminal (the client in the browser otherwise; echo where
#            something is piped in)

JOBS ?= 2
PLUGIN ?=
BENCH ?=
export JOBS

VENV := .venv
COMMAND := $(VENV)/bin/plugin-interfaces
QUICK := $(wildcard c_plugins cpp_plugins)
RUST := $(wildcard rust_plugins)
# Cargo compiles dozens of dependencies for the samples in Rust, which takes a minute or two the first time. `make run`
# shall start at once, so it builds one of those only where PLUGIN names it; the others it lists as not compiled.
RUST_WANTED := $(if $(PLUGIN),$(wildcard rust_plugins/$(PLUGIN)))

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: help
help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## make .venv with the package and what the samples need
	@scripts/setup samples web

.PHONY: build
build: setup ## compile the native core and the sample plugins in C, C++ and Rust
	@if [ -z '$(RUST)' ] || reason=$$(scripts/rust usable); then rust='$(RUST)'; \
	else rust=; echo "make build: the samples in Rust are skipped: $$reason" >&2; fi; \
	$(COMMAND) build $(QUICK) $$rust </dev/null

# Standard output and input belong to the client: what comes before it goes to standard error and reads nothing.
.PHONY: run
run: setup ## chat with the sample plugins in the browser; with lines that are piped in, or PLUGIN=…, in the terminal
	$(if $(RUST_WANTED),@echo "make run: compiling $(RUST_WANTED); its first time takes a minute or two" >&2)
	@$(COMMAND) build --quiet $(QUICK) $(RUST_WANTED) </dev/null >&2 || echo "make run: goes on with the plugins that were built" >&2
	@plugin='$(PLUGIN)'; if [ -z "$$plugin" ] && scripts/has-input; then plugin=echo; fi; \
	if [ -z "$$plugin" ]; then exec $(COMMAND) serve $(QUICK) $(RUST) py_plugins; fi; \
	exec $(COMMAND) chat $(QUICK) $(RUST) py_plugins --plugin "$$plugin"

.PHONY: test
test: ## run the linters and all tests: C (plain and with sanitizers), Rust and Python
	@scripts/setup samples dev
	@scripts/test

.PHONY: lint
lint: ## run ruff, mypy, clang-format, and those of Rust
	@scripts/setup samples dev
	@scripts/lint

.PHONY: guard
guard: setup ## count the instructions of the core's paths, and compare them with the baseline
	@$(VENV)/bin/python benchmarks/guard/guard.py $${REASON:+--refresh --reason "$$REASON"} || [ $$? -eq 77 ]

.PHONY: bench
bench: ## measure how fast it is, beside the limit in C and beside others; BENCH=--quick is short
	@scripts/setup samples bench
	@$(VENV)/bin/python -m benchmarks $(BENCH)

.PHONY: clean
clean: ## remove what was built, and .venv
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)
	rm -rf src/*.egg-info src/plugin_interfaces/_native.c src/plugin_interfaces/_native*.so
	find $(QUICK) $(RUST) tests -name '*.so' -delete 2>/dev/null || true
	find src tests py_plugins -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
