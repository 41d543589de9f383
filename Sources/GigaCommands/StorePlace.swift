package import Stores

/// Where a command finds a store that it reads by itself.
package enum StorePlace: Hashable, Sendable {
    case folder(String)
    case database(PostgresAddress)

    /// Where `giga serve` with the same words would keep it.
    ///
    /// A folder that is named and holds a store is meant, whatever kind the settings name.
    static func named(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> StorePlace {
        let path = try StoreFolder.path(arguments, shop)
        if arguments.has("data"), !arguments.has("store"), Files.exists(path + "/giga.db") {
            return .folder(path)
        }
        switch try StoreChoice.read(arguments, try Settings.load(shop), shop) {
        case .memory, .sqlite: return .folder(path)
        case .postgres(let address): return .database(address)
        }
    }

    var isFolder: Bool {
        if case .folder = self { true } else { false }
    }

    /// For what is done to files alone.
    static func folder(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        switch try named(arguments, shop) {
        case .folder(let path): return path
        case .database(let address):
            throw CommandFault(
                .usage,
                "store.not-in-folder",
                what: "giga copies stores in data folders, and this one is at \(address)",
                why: "PostgreSQL has tools of its own that copy a database while it is in use",
                hint: "pg_dump DATABASE, or --data DIR for a folder that holds a store"
            )
        }
    }
}

extension StorePlace: CustomStringConvertible {
    package var description: String {
        switch self {
        case .folder(let path): path
        case .database(let address): address.label
        }
    }
}
