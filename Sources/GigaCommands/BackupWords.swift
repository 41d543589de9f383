import Stores

/// Faults of backups and restores in three lines.
enum BackupWords {
    static func fault(_ fault: BackupFault) -> CommandFault {
        switch fault {
        case .store(let fault): StoreWords.fault(fault)
        case .stopped:
            CommandFault(
                .interrupted,
                "command.interrupted",
                what: "Interrupted",
                why: "the signal to stop came before the end",
                hint: "start it again: what was started has been cleared away"
            )
        case .exists(let path):
            failed(
                "backup.exists",
                "\(path) is there already",
                why: "a backup never replaces a file",
                hint: "choose another name, or give a folder: --to DIR/"
            )
        case .busy(let path):
            failed(
                "backup.busy",
                "\(path) is being written",
                why: "another giga backup or giga restore is at it",
                hint: "wait for it, or choose another name"
            )
        case .damaged(let path, let what):
            failed(
                "backup.damaged",
                "\(path) is not a whole backup",
                why: what,
                hint: "take another copy of it, or an older one; nothing was changed"
            )
        case .newer(let path, let format, let known):
            failed(
                "backup.newer",
                "\(path) was made by a newer giga",
                why: "its form is \(format), this version knows \(known)",
                hint: "install the newer version"
            )
        case .occupied, .full, .file: place(fault)
        }
    }

    private static func place(_ fault: BackupFault) -> CommandFault {
        switch fault {
        case .occupied(let folder, let by):
            failed(
                "restore.occupied",
                "\(folder) is not empty",
                why: by,
                hint: "choose another folder with --data, or move that one away first"
            )
        case .full(let path, let free):
            failed(
                "backup.full",
                "No room left for \(path)",
                why: free.map { "\($0) bytes are free there" } ?? "the disk is full",
                hint: "free some space, or choose another place; nothing was left behind"
            )
        case .file(let path, let reason):
            failed(
                "backup.file",
                "\(path) cannot be used",
                why: reason,
                hint: "check the path, and who may read and write there"
            )
        default: preconditionFailure("\(fault) has words of its own")
        }
    }

    private static func failed(
        _ code: String,
        _ what: String,
        why: String,
        hint: String
    ) -> CommandFault {
        CommandFault(.failed, code, what: what, why: why, hint: hint)
    }
}
