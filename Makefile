# One word per task; each does its own set-up on a Debian machine.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.SILENT:
.NOTPARALLEL:

# ARGS: more pytest or benchmark arguments. PYTHONS: the Pythons `make test` uses, default all. PYTHON: whom `make build`,
# `make golden`, `make gen` and `make bench` use, default the first of the machine, in its virtual environment.
ARGS ?=
PYTHONS ?=
PYTHON ?=
export PYTHONS

ifeq ($(PYTHON),)
environment = tools/ensure.sh packages build test; \
  version=$$(tools/pythons.sh | sed -n '1s/ .*//p'); \
  python=$$(tools/ensure.sh environment "$$version" dev)/bin/python
else
environment = python=$(PYTHON); "$$python" tools/build_native.py
endif

.PHONY: help
help: ## this list
	sed -nE 's/^([a-z]+):.*## (.*)/make \1	\2/p' Makefile | expand -t 14

.PHONY: demo
demo: ## sets everything up and shows what the library does
	tools/ensure.sh packages build
	version=$$(tools/pythons.sh | sed -n '1s/ .*//p')
	environment=$$(tools/ensure.sh environment "$$version")
	PATH="$$PWD/$$environment/bin:$$PATH" bash examples/demo.sh

.PHONY: test
test: ## sets everything up and runs the tests on every CPython >= 3.11 (PYTHONS="python3.12", ARGS="-k name")
	tools/test.sh $(ARGS)

.PHONY: packages
packages: ## weaves the whole standard library; packages from PyPI run their own tests observed (needs a network, takes hours)
	$(environment); "$$python" -m tests.packages.sweep; "$$python" -m tests.packages.run_suite $(ARGS)

.PHONY: build
build: ## builds the extension into pyccolo_native/ (PYTHON=...; VARIANT=release for link-time optimisation)
	$(if $(VARIANT),export PYC_VARIANT=$(VARIANT);) $(environment)

.PHONY: dev
dev: ## runs the tests with AddressSanitizer, UBSan and assertions (ARGS="-k name")
	tools/developer.sh $(ARGS)

.PHONY: lint
lint: ## checks formatting, compiles with GCC and Clang, warnings are errors
	tools/lint.sh

.PHONY: format
format: ## formats the C++ sources
	find csrc tests/native -name '*.[ch]pp' -print0 | xargs -0 clang-format -i

.PHONY: tidy
tidy: ## runs clang-tidy over the C++ sources
	$(environment); "$$python" tools/build_native.py --variant lint-clang --compile-only
	tag=$$("$$python" -c 'import sysconfig; print(sysconfig.get_config_var("SOABI"))')
	find csrc -name '*.cpp' -print0 | xargs -0 -n 4 -P "$$(nproc)" clang-tidy --quiet -p "build/lint-clang/$$tag"

.PHONY: bench
bench: ## runs the benchmarks on a release build (ARGS="...")
	export PYC_VARIANT=release; $(environment); "$$python" -m benchmarks.run $(ARGS)

.PHONY: golden
golden: ## writes the golden files of tests/golden anew; read the diff
	$(environment); "$$python" -m pytest tests/golden --regenerate $(ARGS)

.PHONY: gen
gen: ## writes the files that come from csrc/def/*.def
	python=$(or $(PYTHON),$$(tools/pythons.sh | sed -n '1s/^[^ ]* //p'))
	"$$python" tools/gen_events.py

.PHONY: clean
clean: ## removes everything that was built, virtual environments too
	rm -rf build dist .venv .venv-* .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -f pyccolo_native/*.so
