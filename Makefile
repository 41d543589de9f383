# Every entry point of the project; each installs what it needs and says so.
SWIFT_FLAGS := --explicit-target-dependency-import-check error
.PHONY: build test lint format
build: ; swift build $(SWIFT_FLAGS)
test: ; swift test $(SWIFT_FLAGS)
lint: ; swift format lint --strict --recursive --parallel Sources Tests Package.swift
format: ; swift format --in-place --recursive --parallel Sources Tests Package.swift
