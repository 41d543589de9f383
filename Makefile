# Every entry point of the project. Each installs what it needs, and says so.
FLAGS := --explicit-target-dependency-import-check error
# Swift's own libraries go into what is released, where the toolchain brings them for that: machines
# that only run giga need no Swift, and calls into them are direct.
SWIFT_RESOURCES := $(shell swiftc -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
STATIC := $(if $(wildcard $(SWIFT_RESOURCES)_static/linux/libswiftCore.a),--static-swift-stdlib)
GIGA := .build/release/giga
# The simulator uses the test library, which no toolchain brings for that: a folder of its own keeps
# the two ways of building apart.
SIMULATE := .build/simulate
DEBUG_GIGA := .build/debug/giga

.PHONY: demo test build test-swift test-planted test-scripts test-demo real api soak history planted reality sanitize bench simulate lint format man packages packages-test

demo: build
	$(GIGA) demo

build: packages
	swift build $(FLAGS) $(STATIC) -c release --product giga

test: packages-test test-swift test-planted test-scripts

test-swift:
	scripts/name-failures build-tests swift build $(FLAGS) --build-tests
	scripts/name-failures swift-tests swift test $(FLAGS) --skip-build

# Five faults that the simulation must find, and none without them.
test-planted:
	scripts/name-failures planted scripts/planted --simulated fence-not-raised lock-not-held \
		dependency-at-testing pause-not-kept retry-off-by-one

# The real binary from outside: the demo's figures recomputed, and each way of breaking it.
test-scripts: export GIGA := $(CURDIR)/$(DEBUG_GIGA)
test-scripts:
	scripts/name-failures demo scripts/check-demo
	scripts/name-failures demo-push-fails scripts/check-demo --control push-fails
	scripts/name-failures demo-red-tests scripts/check-demo --control red-tests
	scripts/name-failures api scripts/check-api --if-there --seconds 10 --seed 1
	scripts/name-failures outside-tests python3 -m unittest discover -s Tests/EndToEnd

real: packages-test
	swift build $(FLAGS) --product giga
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-real

# The server against its own OpenAPI document, and two wrong documents that must be seen.
api: packages-test
	swift build $(FLAGS) --product giga
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-api --seconds 60
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-api --seconds 10 --control drop-status
	GIGA=$(CURDIR)/$(DEBUG_GIGA) scripts/check-api --seconds 10 --control drop-field

soak: packages-test build
	GIGA=$(CURDIR)/$(GIGA) scripts/soak-demo
	GIGA=$(CURDIR)/$(GIGA) CRASH_ROUNDS=100 python3 -m unittest discover -s Tests/EndToEnd -p 'test_crash*.py'

# What clients saw, at length. One seed again: make history HISTORY_SEED=SEED
history: packages-test
	swift build $(FLAGS) --product giga
	GIGA=$(CURDIR)/$(DEBUG_GIGA) HISTORY_OPERATIONS=50000 HISTORY_SECONDS=120 HISTORY_KILLS=20 \
		python3 -m unittest discover -s Tests/EndToEnd -p test_outside_history.py

# Kills, damaged stores and broken disks, in their long form: figures, some 40 minutes.
reality: packages-test build
	GIGA=$(CURDIR)/$(GIGA) scripts/reality

.PHONY: newcomer
newcomer: packages
	scripts/check-newcomer

planted: packages-test
	scripts/planted
	scripts/planted --simulated
	scripts/routing-mutants
	scripts/routing-coverage

# The tests with threads under two sanitizers; first each sanitizer must see a planted fault.
sanitize: packages-test
	scripts/sanitize --control
	scripts/sanitize

# One failing seed: make simulate SEEDS=1 FROM=SEED
simulate: SEEDS := 2000
simulate: FROM := 1
simulate: packages
	swift build $(FLAGS) -c release --product giga-simulate --scratch-path $(SIMULATE)
	$(SIMULATE)/release/giga-simulate --seeds $(SEEDS) --from $(FROM)

bench: build
	swift build $(FLAGS) $(STATIC) -c release --product giga-bench
	scripts/bench

# The manual page, from the same table as the help.
man: build
	$(GIGA) help --man > .build/giga.1
	@echo ".build/giga.1: man -l .build/giga.1"

lint:
	swift format lint --strict --recursive --parallel Sources Tests profiles Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests profiles Package.swift

packages:
	@scripts/install-packages build

packages-test:
	@scripts/install-packages test
