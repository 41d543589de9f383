/// Every command in the order of help: the one table behind parser, help and man page.
package enum CommandTable {
    static let entries: [Entry] =
        startEntries + workEntries + decideEntries + fleetEntries + operateEntries

    struct Entry: Sendable {
        let usage: Usage
        let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode
    }

    package static var usages: [Usage] { entries.map(\.usage) }

    private static let startEntries = [
        Entry(usage: DemoCommand.usage, run: DemoCommand.run),
        Entry(usage: UpCommand.usage, run: UpCommand.run),
        Entry(usage: InitCommand.usage, run: InitCommand.run),
        Entry(usage: DoctorCommand.usage, run: DoctorCommand.run),
    ]

    private static let workEntries = [
        Entry(usage: AddCommand.usage, run: AddCommand.run),
        Entry(usage: JobsCommand.usage, run: JobsCommand.run),
        Entry(usage: ShowCommand.usage, run: ShowCommand.run),
        Entry(usage: LogCommand.usage, run: LogCommand.run),
        Entry(usage: EventsCommand.usage, run: EventsCommand.run),
        Entry(usage: WhyCommand.usage, run: WhyCommand.run),
        Entry(usage: DiffCommand.usage, run: DiffCommand.run),
        ArtifactCommand.list, ArtifactCommand.get,
        Entry(usage: GraphCommand.usage, run: GraphCommand.run),
        Entry(usage: TraceCommand.usage, run: TraceCommand.run),
        Entry(usage: WaitCommand.usage, run: WaitCommand.run),
    ]

    private static let decideEntries =
        [Entry(usage: InboxCommand.usage, run: InboxCommand.run)]
        + VerbCommand.all.map { verb in Entry(usage: verb.usage, run: verb.run) } + [
            Entry(usage: ApproveCommand.usage, run: ApproveCommand.run),
            Entry(usage: PauseCommand.usage, run: PauseCommand.run),
            Entry(usage: ReprioritiseCommand.usage, run: ReprioritiseCommand.run),
            Entry(usage: AnswerCommand.usage, run: AnswerCommand.run),
        ]

    private static let fleetEntries = [
        Entry(usage: FactoryCommand.start.usage, run: FactoryCommand.start.run),
        Entry(usage: FactoryCommand.list.usage, run: FactoryCommand.list.run),
        Entry(usage: FactoryCommand.drain.usage, run: FactoryCommand.drain.run),
        Entry(usage: FactoryCommand.resume.usage, run: FactoryCommand.resume.run),
        Entry(usage: FactoryCommand.remove.usage, run: FactoryCommand.remove.run),
        Entry(usage: EngineCommand.usage, run: EngineCommand.run),
        Entry(usage: ProfileCommand.list.usage, run: ProfileCommand.list.run),
        Entry(usage: ProfileShowCommand.usage, run: ProfileShowCommand.run),
        Entry(usage: ProfileNewCommand.usage, run: ProfileNewCommand.run),
        Entry(usage: ProfileExportCommand.usage, run: ProfileExportCommand.run),
        Entry(usage: ProfileImportCommand.usage, run: ProfileImportCommand.run),
        Entry(usage: ProfileApproveCommand.approve.usage, run: ProfileApproveCommand.approve.run),
        Entry(usage: ProfileApproveCommand.reject.usage, run: ProfileApproveCommand.reject.run),
        Entry(usage: ProfileCommand.lint.usage, run: ProfileCommand.lint.run),
        Entry(usage: RepoCommand.add.usage, run: RepoCommand.add.run),
        Entry(usage: RepoCommand.list.usage, run: RepoCommand.list.run),
    ]

    private static let operateEntries = [
        Entry(usage: ServeCommand.usage, run: ServeCommand.run),
        StoreCreationCommand.create, StoreCommand.survey, StoreCommand.migrate,
        StoreCreationCommand.distribute,
        Entry(usage: GcCommand.usage, run: GcCommand.run),
        Entry(usage: BackupCommand.usage, run: BackupCommand.run),
        Entry(usage: RestoreCommand.usage, run: RestoreCommand.run),
        Entry(usage: HaltCommand.usage, run: HaltCommand.run),
        Entry(usage: ResumeCommand.usage, run: ResumeCommand.run),
        Entry(usage: ApiCommand.usage, run: ApiCommand.run),
        Entry(usage: ConfigCommand.list.usage, run: ConfigCommand.list.run),
        Entry(usage: ConfigCommand.get.usage, run: ConfigCommand.get.run),
        Entry(usage: SchemaCommand.usage, run: SchemaCommand.run),
        Entry(usage: PolicyCommand.list.usage, run: PolicyCommand.list.run),
        Entry(usage: PolicyCommand.show.usage, run: PolicyCommand.show.run),
        Entry(usage: TokenCommand.issue.usage, run: TokenCommand.issue.run),
        Entry(usage: TokenCommand.list.usage, run: TokenCommand.list.run),
        Entry(usage: TokenCommand.revoke.usage, run: TokenCommand.revoke.run),
        Entry(usage: CompletionCommand.usage, run: CompletionCommand.run),
        Entry(usage: HelpCommand.usage, run: HelpCommand.run),
        Entry(usage: VersionCommand.usage, run: VersionCommand.run),
    ]

    /// The entry whose words begin `words`, the longest first, and the words that remain.
    static func entry(for words: [String]) -> (Entry, [String])? {
        let matching = entries.filter { entry in
            let own = entry.usage.words.split(separator: " ").map(String.init)
            return words.starts(with: own)
        }
        guard let best = matching.max(by: { $0.usage.words.count < $1.usage.words.count }) else {
            return nil
        }
        return (best, Array(words.dropFirst(best.usage.words.split(separator: " ").count)))
    }
}
