# `make` alone lists the targets. Each first installs what is missing (scripts/setup says what and how long it takes; if
# nothing is missing, half a second).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test demo dev check e2e torture fmt bench bench-full
.NOTPARALLEL:

SAMPLE := --users tests/it/fixtures/contoso/users.day1.graph.json --groups tests/it/fixtures/contoso/groups.day1.graph.json

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 14

run: ## build for release and serve on http://127.0.0.1:3000, data in ./data
	@scripts/setup run
	@scripts/with scripts/build
	@exec scripts/with scripts/rollcall serve

test: ## everything: check, the release build, third-party SCIM tests, browser tests
	@scripts/setup test
	@scripts/test all

demo: ## serve a temporary database with a sample company
	@scripts/setup run
	@scripts/with scripts/build
	@exec scripts/with scripts/rollcall demo $(SAMPLE)

dev: ## serve while you edit; rebuilds and reloads the page
	@scripts/setup run
	@exec scripts/with node scripts/dev.mjs

check: ## formatting, lints for each feature set, docs, unit and integration tests
	@scripts/setup check
	@scripts/test check

e2e: ## the release build, third-party SCIM tests and browser tests
	@scripts/setup test
	@scripts/test e2e

torture: ## fault tests: kill -9, power failures, broken disks, floods, a soak of half an hour (SOAK=minutes)
	@scripts/setup run
	@scripts/with scripts/build
	@scripts/with cargo test --locked --features ssr --test torture -- --long --program target/release/rollcall --soak $(or $(SOAK),30) $(TESTS)

fmt: ## format the code
	@scripts/setup check
	@scripts/with cargo fmt

bench: ## benchmarks over HTTP, relative to a bare route and raw SQLite, with 1,000 and 100,000 users; microbenchmarks
	@scripts/setup check
	@scripts/with cargo bench --locked --features ssr --bench speed -- 1000 100000
	@scripts/with cargo bench --locked --features bench --bench parts

bench-full: ## the same with 1,000,000 users and a first synchronisation of 100,000 (an hour, 10 GB of disk)
	@scripts/setup check
	@scripts/with cargo bench --locked --features ssr --bench speed -- 1000 100000 1000000 full
