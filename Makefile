# make tour: set up, build, run the first studies, and say where the report lies.
# make test: set up, build, run every test.
.PHONY: setup build tour test check-studies bench docs format lint clean

SWIFT ?= swift
CAJAL = .build/release/cajal
STUDIES = $$($(CAJAL) papers --runs)

setup:
	@scripts/setup.sh

build: setup
	@$(SWIFT) build -c release

tour: build
	@scripts/tour.sh

test: setup
	@$(SWIFT) build -c release --build-tests
	@$(SWIFT) test -c release --skip-build

check-studies: build
	@for study in $(STUDIES); do $(CAJAL) verify $$study && $(CAJAL) run $$study --size standard || exit 1; done
	@$(CAJAL) gallery

bench: setup
	@$(SWIFT) build -c release
	@Benchmarks/run.sh

docs: setup
	@scripts/docs.sh

format:
	@$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks

clean:
	@rm -rf .build
