// swift-tools-version: 6.2
import PackageDescription

/// Faults that a sanitizer must see, and nothing else; `scripts/sanitize --control` runs them.
let package = Package(
    name: "sanitizers",
    targets: [.testTarget(name: "PlantedTests")]
)
