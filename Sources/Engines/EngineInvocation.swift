/// One process to start, completely described.
package struct EngineInvocation: Hashable, Sendable {
    /// The first is an absolute path, or a name to look up on the path; no shell in between.
    package var arguments: [String]
    package var workingFolder: String
    /// All variables besides `PATH HOME TMPDIR LANG TZ GIGA_JOB GIGA_ATTEMPT`.
    package var environment: [String: String]
    /// Those of `environment` whose values are secrets: to be redacted wherever they appear.
    package var secretVariables: [String]
    package var input: EngineInput
    /// To be written before the start.
    package var files: [EngineFile]
    /// Sign-in files, relative to the home: copied from the user's into the private one before the
    /// run where they exist, and taken back afterwards when they changed.
    package var credentialFiles: [String]
    package var network: EngineNetwork
    /// The exit codes that do not by themselves mean failure.
    package var successCodes: Set<Int>
    /// A file that the engine rewrites as it goes: poll it, and read it when the engine has ended.
    package var progressFile: String?
    /// What the run's record must say.
    package var notes: [String]

    package init(
        arguments: [String],
        workingFolder: String,
        environment: [String: String] = [:],
        secretVariables: [String] = [],
        input: EngineInput = .empty,
        files: [EngineFile] = [],
        credentialFiles: [String] = [],
        network: EngineNetwork,
        successCodes: Set<Int> = [0],
        progressFile: String? = nil,
        notes: [String] = []
    ) {
        self.arguments = arguments
        self.workingFolder = workingFolder
        self.environment = environment
        self.secretVariables = secretVariables
        self.input = input
        self.files = files
        self.credentialFiles = credentialFiles
        self.network = network
        self.successCodes = successCodes
        self.progressFile = progressFile
        self.notes = notes
    }
}

/// What stands on standard input; afterwards it is closed, since an engine that waits on an open
/// one hangs for ever.
package enum EngineInput: Hashable, Sendable {
    case empty
    case bytes([UInt8])
}

/// A file that the engine reads.
package struct EngineFile: Hashable, Sendable {
    package enum Place: Hashable, Sendable { case home, scratch }

    package let place: Place
    /// Relative to its place.
    package let path: String
    package let bytes: [UInt8]

    package init(_ place: Place, _ path: String, _ text: String) {
        self.place = place
        self.path = path
        bytes = Array(text.utf8)
    }
}

/// Whether the engine may reach the network.
package enum EngineNetwork: String, Hashable, Sendable { case off, on }
