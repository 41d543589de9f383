# Every entry point of the project. Each installs what it needs, and says so.
FLAGS := --explicit-target-dependency-import-check error
GIGA := .build/release/giga
DEBUG_GIGA := .build/debug/giga

.PHONY: demo test build test-swift test-scripts test-demo real soak planted bench simulate lint format packages packages-test

demo: build
	$(GIGA) demo

build: packages
	swift build $(FLAGS) -c release --product giga

test: packages-test test-swift test-scripts

test-swift:
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build

# The real binary from outside: the demo's figures recomputed, and each way of breaking it.
test-scripts:
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-demo
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-demo --control push-fails
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-demo --control red-tests
	GIGA=$(CURDIR)/$(DEBUG_GIGA) python3 -m unittest discover -s Tests/EndToEnd

real: packages-test
	swift build $(FLAGS) --product giga
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-real

soak: packages-test build
	GIGA=$(CURDIR)/$(GIGA) scripts/soak-demo
	GIGA=$(CURDIR)/$(GIGA) CRASH_ROUNDS=100 python3 -m unittest discover -s Tests/EndToEnd -p 'test_crash*.py'

planted: packages-test
	scripts/planted
	scripts/routing-mutants
	scripts/routing-coverage

simulate: packages
	swift build $(FLAGS) -c release --product giga-simulate
	.build/release/giga-simulate --seeds 2000

bench: build
	scripts/bench

lint:
	swift format lint --strict --recursive --parallel Sources Tests profiles Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests profiles Package.swift

packages:
	@scripts/install-packages build

packages-test:
	@scripts/install-packages test
