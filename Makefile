# What can be done here; `make` alone lists it. Everything but openapi-lint needs Go only, and installs or starts what else it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
VERSION  ?= dev
FUZZTIME ?= 30s
ROUNDS   ?= 10
ISSUES   ?= 5000
PKG      ?= ./...
TIMEOUT  ?= 15m
# The least agent readiness that Redocly must give the OpenAPI document; the aim is 90.
SCORE    ?= 88
# Packages whose code runs concurrently, for the short race run.
RACE     ?= ./internal/store ./internal/record ./internal/upgrade ./internal/strictjson ./internal/idempotency
# One PostgreSQL server for all packages: the one TEST_POSTGRES_URL names, else a private one.
TESTDB   := $(GO) run ./internal/gen/testdb

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/hindcast, one static file
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/hindcast ./cmd/hindcast

.PHONY: run-demo
run-demo: ## serve the demo on 127.0.0.1:8080
	$(GO) run ./cmd/hindcast demo

.PHONY: test
test: ## run every test on SQLite and PostgreSQL (PKG=./… for some)
	$(TESTDB) $(GO) test -timeout $(TIMEOUT) $(PKG)

.PHONY: race
race: ## the same under the race detector (needs a C compiler)
	$(TESTDB) $(GO) test -race -timeout $(TIMEOUT) $(PKG)

.PHONY: race-short
race-short: ## the race detector on the packages that share state
	$(TESTDB) $(GO) test -race -timeout $(TIMEOUT) $(RACE)

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME, 30 seconds unless told otherwise
	@grep -rnoE --include='*_test.go' '^func Fuzz\w+' cmd handlers internal | sed -E 's/^([^:]+):[0-9]+:func /\1 /' | \
	while read -r file target; do \
		if [ -n "$(PURE)" ] && $(GO) list -deps -test "./$$(dirname "$$file")" | grep -x 'github.com/hindcast-kb/hindcast/ent' >/dev/null; then continue; fi; \
		echo "$$target of ./$$(dirname "$$file")"; \
		$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "./$$(dirname "$$file")" </dev/null; \
	done

# Counted, not timed: a timed run on a slow machine can end in "context deadline exceeded" (go.dev/issue/75804) with nothing found.
# Packages that know ent are left to `make fuzz`: compiling ent for fuzzing takes minutes. Their seeds run with the tests.
.PHONY: fuzz-short
fuzz-short: ## run the fuzz targets of packages without a database on 500 inputs
	@$(MAKE) --no-print-directory fuzz FUZZTIME=500x PURE=1

.PHONY: lint
lint: ## gofmt, go vet, and golangci-lint where it is installed
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path '*/node_modules/*')); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	cd bench && $(GO) vet ./collection ./relevance
	@if command -v golangci-lint >/dev/null; then golangci-lint run; \
	else echo "golangci-lint is not on the PATH: only gofmt and go vet have looked"; fi

.PHONY: generate
generate: ## generate ent and the OpenAPI document anew
	$(GO) generate ./ent
	$(GO) run ./internal/gen/openapi

# The comparison is with a copy, so that it holds in a tree without git and beside uncommitted work.
.PHONY: check-generated
check-generated: ## fail when generating would change a file
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; \
	cp -R ent docs "$$before"; \
	$(MAKE) --no-print-directory generate; \
	diff -rq "$$before/ent" ent; \
	for file in openapi.json openapi.yaml; do diff -u "$$before/docs/$$file" "docs/$$file"; done

.PHONY: migration
migration: ## write the next migration of both databases: make migration name=add_column
	$(GO) run ./internal/gen/migration $(name)

.PHONY: check-migrations
check-migrations: ## fail when the schema and the migrations differ
	$(GO) run ./internal/gen/migration -check

.PHONY: axe
axe: ## hold the pages against the accessibility rules of axe (needs npm and chromium)
	internal/gen/axe/axe

.PHONY: axe-short
axe-short: ## the same on a large screen in the light only
	internal/gen/axe/axe light

.PHONY: openapi-lint
openapi-lint: ## lint the OpenAPI document (needs Node.js 20 and npm)
	internal/gen/lint/openapi-lint docs/openapi.json $(SCORE)

.PHONY: bench
bench: ## run the Go benchmarks
	$(TESTDB) $(GO) test -run '^$$' -bench . -benchmem -timeout $(TIMEOUT) $(PKG)

.PHONY: bench-search
bench-search: ## measure the search engine at scale beside Bleve and FTS5 (minutes)
	cd bench && $(GO) vet ./... && $(GO) run ./scale

.PHONY: relevance
relevance: ## measure what the search engine finds, with the collections of ../shared/fixtures/search
	cd bench && $(GO) test ./collection && $(GO) run ./relevance

.PHONY: crash
crash: ## kill the server under eight writers ROUNDS times, and look for what was lost
	$(GO) run ./internal/gen/crash -rounds $(ROUNDS)

.PHONY: storm
storm: ## deliver the events of ISSUES issues in any order to two servers on PostgreSQL, and kill one (minutes)
	$(TESTDB) $(GO) run ./internal/gen/storm -issues $(ISSUES)

.PHONY: storm-short
storm-short: ## the same with 300 issues
	@$(MAKE) --no-print-directory storm ISSUES=300

.PHONY: ingest
ingest: ## measure how long a delivery takes to be acknowledged at 200 a second
	$(TESTDB) $(GO) run ./internal/gen/storm -ingest

.PHONY: ci
ci: ## everything that must hold before a change goes in
	@for step in lint check-generated check-migrations test axe-short relevance race-short crash-short openapi-lint fuzz-short; do \
		echo "== $$step"; start=$$SECONDS; \
		$(MAKE) --no-print-directory $$step; \
		echo "== $$step took $$((SECONDS - start)) s"; \
	done

.PHONY: crash-short
crash-short: ## the same, three times
	@$(MAKE) --no-print-directory crash ROUNDS=3
