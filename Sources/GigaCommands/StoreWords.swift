package import FleetPorts

/// A store's faults in three lines.
package enum StoreWords {
    package static func fault(_ fault: StoreFault) -> CommandFault {
        switch fault {
        case .busy(let path, let pid):
            CommandFault(
                .failed,
                "store.busy",
                what: "\(path) is in use",
                why: pid.map { "the process \($0) has it open" } ?? "another process has it open",
                hint: "stop that one, or choose another --data"
            )
        case .deposed(let epoch, let newest):
            CommandFault(
                .failed,
                "store.deposed",
                what: "Another coordinator has taken over this store",
                why: "this one has epoch \(epoch), the newest is \(newest)",
                hint: "leave it to the other one"
            )
        case .gap(let expected, let actual):
            CommandFault(
                .failed,
                "store.gap",
                what: "The store refused a batch",
                why: "it begins at \(actual), the store goes on at \(expected)",
                hint: "giga doctor --replay"
            )
        case .full(let path, let needed, let free):
            CommandFault(
                .failed,
                "store.full",
                what: "No room left at \(path)",
                why: "\(bytes(needed)) are needed, \(bytes(free)) are free; nothing that was"
                    + " acknowledged is lost",
                hint: "free some space and start giga serve again; until then giga serve --rescue"
                    + " answers reads and accepts cancel"
            )
        case .newer(let path, let schema, let known):
            CommandFault(
                .failed,
                "store.newer",
                what: "\(path) was written by a newer giga",
                why: "its schema is \(schema), this version knows \(known)",
                hint: "install the newer version"
            )
        case .unreachable(let path, let reason):
            CommandFault(
                .failed,
                "store.unreachable",
                what: "The store at \(path) does not answer",
                why: reason,
                hint: "start that server, or correct the address; psql with it says the same"
            )
        case .rejected(let path, let reason):
            CommandFault(
                .failed,
                "store.rejected",
                what: "The server of the store at \(path) lets giga not in",
                why: reason,
                hint: "correct user, password or database: in DATABASE_URL, PGPASSWORD or ~/.pgpass"
            )
        case .broken(let path, let reason):
            CommandFault(
                .failed,
                "store.broken",
                what: "The store at \(path) cannot be used",
                why: reason,
                hint: "check the folder and the disk, then giga doctor --replay"
            )
        }
    }

    private static func bytes(_ count: UInt64?) -> String {
        count.map { "\($0) bytes" } ?? "an unknown number of bytes"
    }
}
