// swift-tools-version: 6.2
import PackageDescription

/// House settings for every room; see ARCHITECTURE.md, "How the direction is kept".
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A room of ours: what it may import is exactly what is listed here.
func room(_ name: String, imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: house)
}

/// The tests of a room; `FleetTesting` is the shared kit.
func tests(
    of name: String,
    also: [Target.Dependency] = [],
    fixtures: [String] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + also,
        exclude: fixtures,
        swiftSettings: house
    )
}

/// A C library from the system's packages.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "gigafactory",
    targets: [
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        library("CCURL", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        .target(name: "CShims", dependencies: ["CMicroHTTPD", "CCURL", "CSQLite"]),

        // Floor 0 and 1: pure.
        room("JSONWriting"),
        room("FleetModel", imports: ["JSONWriting", "CCrypto"]),
        room("Manifests", imports: ["FleetModel", "CYAML"]),
        room("FleetProtocol", imports: ["FleetModel", "JSONWriting"]),
        room("FleetRules", imports: ["FleetModel"]),
        room("Routing", imports: ["FleetModel", "JSONWriting"]),
        room("Gatekeeping", imports: ["FleetModel"]),
        room("Detection", imports: ["FleetModel"]),

        // Floor 2: still pure.
        room("FleetCore", imports: ["FleetModel", "FleetRules", "Routing", "JSONWriting"]),
        room("FleetPorts", imports: ["FleetModel"]),

        // Floor 3: each touches one kind of outside thing.
        room(
            "Stores",
            imports: ["FleetModel", "FleetPorts", "CSQLite", "CPostgres", "CShims"]
        ),
        room("Processes", imports: ["CShims"]),
        room("HTTPServing", imports: ["JSONWriting", "CMicroHTTPD", "CCURL", "CShims"]),
        room("Git", imports: ["Processes"]),
        room("Engines", imports: ["FleetModel"]),

        // Floor 4: the two sides of the fleet.
        room(
            "Coordinator",
            imports: [
                "FleetModel", "FleetProtocol", "FleetRules", "FleetCore", "FleetPorts", "Routing",
                "Manifests", "Processes", "HTTPServing", "JSONWriting",
            ]
        ),
        room("Shipping", imports: ["FleetModel", "Git", "Processes"]),
        room(
            "FactoryAgent",
            imports: [
                "FleetModel", "FleetProtocol", "Detection", "Gatekeeping", "Processes", "Git",
                "Engines", "Shipping", "HTTPServing",
            ]
        ),

        // Floor 5 and 6: for people.
        room(
            "GigaCommands",
            imports: [
                "FleetModel", "FleetProtocol", "Manifests", "HTTPServing", "Coordinator",
                "FactoryAgent", "Processes", "Git", "Engines", "Stores", "FleetPorts", "FleetCore",
                "Routing",
            ]
        ),
        .target(
            name: "ShippedProfiles",
            path: "profiles",
            resources: [
                .embedInCode("developer.md"), .embedInCode("backend-engineer.md"),
                .embedInCode("frontend-engineer.md"), .embedInCode("ux-designer.md"),
                .embedInCode("ui-designer.md"), .embedInCode("qa.md"),
                .embedInCode("reviewer.md"), .embedInCode("docs-writer.md"),
            ],
            swiftSettings: house
        ),
        .executableTarget(
            name: "giga",
            dependencies: [
                "GigaCommands", "Coordinator", "FactoryAgent", "Stores", "HTTPServing", "Manifests",
                "Engines", "Processes", "FleetModel", "FleetProtocol", "FleetPorts",
                "ShippedProfiles",
            ],
            swiftSettings: house,
            // Memory that one thread takes and another gives back: the C library's allocator makes
            // them wait for each other (docs/performance.md).
            linkerSettings: [.linkedLibrary("jemalloc")]
        ),

        // Commits until it is killed; the tests of `Stores` start it.
        .executableTarget(
            name: "store-torture",
            dependencies: ["FleetPorts", "Stores"],
            path: "Sources/StoreTorture",
            swiftSettings: house
        ),

        .testTarget(name: "TidyTests", swiftSettings: house),
        tests(
            of: "Stores",
            also: [
                "FleetModel", "FleetPorts", "FleetCore", "Coordinator", "Processes", "Routing",
                "FleetTesting", "CSQLite", "CPostgres", "store-torture",
            ],
            fixtures: ["Fixtures"]
        ),
        // Tools.
        .executableTarget(
            name: "giga-bench",
            dependencies: [
                "CShims", "FleetModel", "FleetProtocol", "HTTPServing", "JSONWriting", "Processes",
                "Routing",
            ],
            path: "Sources/GigaBench",
            swiftSettings: house
        ),

        tests(of: "Processes"),
        tests(of: "HTTPServing"),
        tests(of: "Git", also: ["Processes"]),
        tests(of: "Engines", also: ["FleetModel"], fixtures: ["Fixtures"]),
        tests(of: "FleetModel"),
        tests(of: "FleetProtocol", also: ["FleetModel"]),
        tests(of: "Manifests", also: ["FleetModel"], fixtures: ["Fixtures"]),
        tests(of: "Routing", also: ["FleetModel"], fixtures: ["Scenarios"]),
        tests(of: "FleetRules", also: ["FleetModel", "FleetCore", "FleetTesting"]),
        tests(of: "FleetCore", also: ["FleetModel", "FleetRules", "Routing", "FleetTesting"]),
        tests(
            of: "Coordinator",
            also: [
                "FleetModel", "FleetProtocol", "FleetRules", "FleetCore", "FleetPorts", "Routing",
                "HTTPServing", "JSONWriting", "Processes", "Stores", "FleetTesting",
            ]
        ),
        tests(
            of: "FactoryAgent",
            also: [
                "FleetModel", "FleetProtocol", "Git", "GitTesting", "HTTPServing", "Processes",
                "Engines", "Manifests",
            ],
            fixtures: ["Prompts"]
        ),
        tests(of: "Shipping", also: ["FleetModel", "Git", "GitTesting", "Processes"]),
        tests(of: "Detection"),
        tests(of: "Gatekeeping", also: ["FleetModel"]),
        tests(
            of: "GigaCommands",
            also: ["FleetModel", "FleetProtocol", "Manifests", "Routing", "Stores"]
        ),
        .executableTarget(
            name: "giga-simulate",
            dependencies: ["FleetModel", "FleetTesting"],
            path: "Sources/GigaSimulate",
            swiftSettings: house
        ),
        room("GitTesting", imports: ["Processes"]),
        room(
            "FleetTesting",
            imports: ["FleetModel", "FleetPorts", "FleetRules", "FleetCore", "Routing"]
        ),
    ],
    swiftLanguageModes: [.v6]
)
