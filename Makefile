# The whole developer interface. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
JOBS ?= $(shell nproc)
RELEASE := .build/release/proofline
PYTHON := .venv/bin/python
EVENTS ?= 1000000
SCORED := ^(okta|github_audit|aws_cloudtrail|linux_auth|openssh~loghub|postgresql|pgaudit~regress|sidekiq)$$

.PHONY: help demo test build debug unit interop cli crash browser systems soak fuzz score bench bench-large format setup setup-test setup-systems setup-bench clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1@\2/' | column -t -s @

demo: setup build ## a quarter of sample logs in, a signed and verified evidence pack out
	@samples/demo.sh $(RELEASE)

test: setup-test unit build interop cli crash browser ## every suite that CI runs
	@Tests/summary.py

build: setup ## the release binaries, .build/release/proofline and proofline-verify
	@swift build -c release --static-swift-stdlib --product proofline -j $(JOBS)
	@swift build -c release --static-swift-stdlib --product proofline-verify -j $(JOBS)

debug: setup ## the debug binary
	@swift build -j $(JOBS)

unit: setup-test ## unit, property, fixture and architecture tests
	@Tests/record.sh unit swift test --parallel -j $(JOBS)

interop: setup-test build ## Python, Go and openssl read what we write, and refuse it tampered
	@Tests/record.sh interop env PROOFLINE=$(CURDIR)/$(RELEASE) $(PYTHON) -m pytest -q Tests/interop

cli: setup-test build ## bad calls, bad files, bad stores, hostile records; the README's commands
	@Tests/record.sh cli env PROOFLINE=$(CURDIR)/$(RELEASE) $(PYTHON) -m pytest -q Tests/cli

crash: setup-test build ## the real binary under kill -9, full disks and failing fsync
	@Tests/record.sh crash env PROOFLINE=$(CURDIR)/$(RELEASE) $(PYTHON) -m pytest -q Tests/crash

browser: setup-test build ## reports in Chromium
	@Tests/record.sh browser env PROOFLINE=$(CURDIR)/$(RELEASE) $(PYTHON) -m pytest -q Tests/browser

systems: setup-systems ## real systems do things as named people, and each deed is found on the timeline; needs root (Tests/systems/README.md); ONLY=, PROOFLINE= for another binary
	@$(if $(PROOFLINE),:,$(MAKE) --no-print-directory build)
	@Tests/record.sh systems env PROOFLINE=$(or $(PROOFLINE),$(CURDIR)/$(RELEASE)) Tests/systems/machine.sh $(PYTHON) -m pytest -q Tests/systems $(if $(ONLY),-k '$(ONLY)')

soak: setup-test build fuzz ## hours: every crash point, every flipped byte, 5,000 power losses, and the fuzz targets; FUZZ_SECONDS=1200
	@Tests/record.sh soak-power env PROOFLINE_POWER_SEEDS=5000 PROOFLINE_CRASH_STRIDE=1 PROOFLINE_ROT_BYTES=0 PROOFLINE_REBUILD_LIVES=1000 swift test -j $(JOBS) --filter 'PowerLossTests|CrashTests|RotTests|CatalogueRebuildTests'
	@Tests/record.sh soak-crash env PROOFLINE=$(CURDIR)/$(RELEASE) CRASH_INJECT=0 CRASH_INGEST_KILLS=300 CRASH_KILLS=300 ROT_SECONDS=0 $(PYTHON) -m pytest -q -s Tests/crash
	@Tests/record.sh soak-rot env PROOFLINE=$(CURDIR)/$(RELEASE) ROT_LINES=7000 ROT_SECONDS=1200 $(PYTHON) -m pytest -q -s Tests/crash/test_rot.py

fuzz: setup ## the readers of hostile bytes under libFuzzer, FUZZ_SECONDS each (60)
	@Fuzz/run.sh $(or $(FUZZ_SECONDS),$(if $(filter soak,$(MAKECMDGOALS)),1200,60))

score: build ## share of third parties' facts that the parsers find (needs the corpus, which is not ours to ship)
	@test -n "$(CORPUS)" || { echo "say where the corpus lies: make score CORPUS=DIR"; exit 2; }
	@python3 $(CORPUS)/score.py $(CURDIR)/$(RELEASE) --only '$(SCORED)' --min 95

bench: setup-bench build ## 1 M events beside DuckDB, ClickHouse, DataFusion and Polars, as ratios; EVENTS=, ONLY=, QUICK=1 (docs/performance.md)
	@$(PYTHON) Benchmarks/run.py $(RELEASE) --events $(EVENTS) $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench-large: ## the same with 10 M events too: 30 GB of disk
	@$(MAKE) --no-print-directory bench EVENTS=1000000,10000000

format: ## formats the Swift sources in place
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

setup:
	@.ci/setup build

setup-test:
	@.ci/setup test

setup-systems:
	@.ci/setup systems

setup-bench:
	@.ci/setup bench

clean: ## removes what was built
	@rm -rf .build .venv .bench demo-out
