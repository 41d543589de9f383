package import Stores

/// Which store a coordinator keeps its history in, or a command reads.
package enum StoreChoice: Hashable, Sendable, CustomStringConvertible {
    case memory
    /// A database in the data folder.
    case sqlite
    case postgres(PostgresAddress)

    static let option = Usage.Option.value(
        "store",
        "KIND",
        "sqlite (default), memory, postgres or postgres://USER@HOST/DATABASE"
    )

    /// `--store`, else `DB_PROVIDER`, else the setting `store`; `postgres` alone takes the address
    /// from `DATABASE_URL`.
    static func read(
        _ arguments: Arguments,
        _ settings: Settings,
        _ shop: Shop
    ) throws(CommandFault) -> StoreChoice {
        let word = arguments.value("store") ?? settings.value(of: "store") ?? "sqlite"
        switch word {
        case "sqlite": return .sqlite
        case "memory": return .memory
        case "postgres": return .postgres(try ofVariable(shop))
        case _ where PostgresAddress.isMeant(word):
            let address = try address(word, from: "--store")
            guard !address.hasPassword else { throw shown }
            return .postgres(address)
        default:
            throw CommandFault(
                .usage,
                "store.unknown",
                what: "There is no store \(word)",
                why: "known are sqlite, memory, postgres and postgres://…",
                hint: "giga serve --store sqlite"
            )
        }
    }

    /// As it may be shown: an address without its password.
    package var description: String {
        switch self {
        case .memory: "memory"
        case .sqlite: "sqlite"
        case .postgres(let address): address.label
        }
    }

    private static func ofVariable(_ shop: Shop) throws(CommandFault) -> PostgresAddress {
        guard let text = shop.environment["DATABASE_URL"], !text.isEmpty else {
            throw CommandFault(
                .usage,
                "store.no-address",
                what: "The store is postgres, and nothing says where",
                why: "DATABASE_URL is not set",
                hint: "DATABASE_URL=postgres://USER@HOST/DATABASE, or --store with that address"
            )
        }
        return try address(text, from: "DATABASE_URL")
    }

    /// The address is not shown: whatever is wrong with it, it may hold a password.
    private static func address(
        _ text: String,
        from origin: String
    ) throws(CommandFault) -> PostgresAddress {
        if let address = PostgresAddress(text) { return address }
        throw CommandFault(
            .usage,
            "store.bad-address",
            what: "\(origin) is no address of a PostgreSQL database",
            why: "libpq cannot read it; in a password, write @ as %40, / as %2F and % as %25",
            hint: "postgres://USER@HOST:5432/DATABASE"
        )
    }

    private static let shown = CommandFault(
        .usage,
        "store.password-shown",
        what: "The address of the store holds a password",
        why: "every user of this machine can read the arguments of a process",
        hint: "leave it out, and write it to ~/.pgpass, PGPASSWORD, or DATABASE_URL"
            + " with --store postgres"
    )
}
