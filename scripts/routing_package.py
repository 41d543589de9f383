"""A package of only the routing room, its model and its tests, so that one build takes seconds."""

import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = (
    "Sources/CCrypto",
    "Sources/JSONWriting",
    "Sources/FleetModel",
    "Sources/Routing",
    "Tests/RoutingTests",
    "Tests/FleetModelTests",
)
MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let package = Package(
    name: "routing",
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .target(name: "JSONWriting", swiftSettings: house),
        .target(
            name: "FleetModel", dependencies: ["CCrypto", "JSONWriting"], swiftSettings: house),
        .target(
            name: "Routing", dependencies: ["FleetModel", "JSONWriting"], swiftSettings: house),
        .testTarget(
            name: "RoutingTests", dependencies: ["Routing", "FleetModel"],
            exclude: ["Scenarios"], swiftSettings: house),
        MODELTESTS
    ],
    swiftLanguageModes: [.v6]
)
"""
MODEL_TESTS = """.testTarget(
            name: "FleetModelTests", dependencies: ["FleetModel"], swiftSettings: house),"""


def lay_out(folder, model_tests=False):
    """Copy the rooms to `folder`; what is unchanged keeps its date, so builds stay incremental."""
    folder = pathlib.Path(folder)
    for room in ROOMS:
        if room.endswith("FleetModelTests") and not model_tests:
            continue
        wanted = set()
        for source in sorted((ROOT / room).rglob("*")):
            if not source.is_file():
                continue
            target = folder / source.relative_to(ROOT)
            wanted.add(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)
        for stale in (folder / room).rglob("*"):
            if stale.is_file() and stale not in wanted:
                stale.unlink()
    text = MANIFEST.replace("MODELTESTS", MODEL_TESTS if model_tests else "")
    manifest = folder / "Package.swift"
    if not manifest.exists() or manifest.read_text() != text:
        manifest.write_text(text)
    return folder
