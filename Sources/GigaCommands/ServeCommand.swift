import FleetModel
import Manifests

import struct Routing.SharingTerms

/// `giga serve`: the coordinator, until INT or TERM.
enum ServeCommand {
    static let usage = Usage(
        "serve",
        .operate,
        "Run a coordinator",
        options: [
            Usage.data, .value("listen", "ADDRESS", "Where to listen (127.0.0.1:7420)"),
            .value("port-file", "FILE", "Write the URL there once it answers"),
            StoreChoice.option,
            .value("lease", "DURATION", "How long a lease lives (60s)"),
            .value("heartbeat", "DURATION", "How often factories report (10s)"), Usage.profiles,
            .flag("rescue", "On a full disk: answer reads, accept cancel, take nothing else"),
            .value("tls-cert", "FILE", "Speak TLS: the certificate and its chain, as PEM"),
            .value("tls-key", "FILE", "The certificate's private key, as PEM"),
            .flag("behind-proxy", "Allow another address than loopback, without TLS of its own"),
        ],
        example: "giga serve --data ~/giga --listen 127.0.0.1:7420",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let options = try options(arguments, shop)
        let coordinator = try shop.serve(options)
        shop.console.say("coordinator at \(coordinator.url), data in \(options.dataFolder)")
        if let file = arguments.value("port-file") {
            let path = Files.absolute(file, from: shop.workingFolder)
            try Files.write(Array((coordinator.url + "\n").utf8), to: path + ".new")
            try Files.rename(path + ".new", to: path)
        }
        _ = shop.waitForSignal()
        shop.console.say("stopping")
        coordinator.stop()
        return .done
    }

    static func options(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ServeOptions {
        let places = Places(shop.environment)
        let settings = try Settings.load(shop)
        let listen =
            arguments.value("listen") ?? settings.value(of: "listen") ?? Places.defaultAddress
        let (host, port) = try address(listen)
        let isLoopback = ServeOptions.isLoopback(host)
        let identity = try Certificates.identity(arguments, shop)
        guard isLoopback || identity != nil || arguments.has("behind-proxy") else {
            throw CommandFault(
                .usage,
                "serve.open-address",
                what: "giga will not listen on \(host)",
                why: "tokens would cross the network in the clear",
                hint: "--tls-cert FILE --tls-key FILE, or --behind-proxy with a TLS proxy before it"
            )
        }
        let store = try StoreChoice.read(arguments, settings, shop)
        guard store == .sqlite || !arguments.has("rescue") else {
            throw .usage(
                "--rescue needs the store sqlite",
                why: "another one does not keep its records in the data folder",
                hint: "giga serve --rescue --store sqlite"
            )
        }
        let data = arguments.value("data") ?? settings.value(of: "data") ?? places.data
        return ServeOptions(
            dataFolder: Files.absolute(data, from: shop.workingFolder),
            host: host,
            port: port,
            store: store,
            leases: try leaseTerms(arguments, settings),
            sharing: sharingTerms(settings),
            behindProxy: arguments.has("behind-proxy"),
            identity: identity,
            profiles: try profileSources(arguments, shop),
            isRescue: arguments.has("rescue"),
            origins: origins(arguments, settings)
        )
    }

    /// Flags over variables over files, as the values themselves.
    private static func origins(
        _ arguments: Arguments,
        _ settings: Settings
    ) -> [String: String] {
        var origins: [String: String] = [:]
        let keys = [
            "ageing", "critical-share", "data", "heartbeat", "lease", "listen", "patience",
            "profiles", "shares", "store",
        ]
        for key in keys {
            origins[key] =
                arguments.value(key) == nil ? settings.values[key]?.origin : "--\(key)"
        }
        for key in ["behind-proxy", "rescue"] where arguments.has(key) {
            origins[key] = "--\(key)"
        }
        if arguments.value("tls-cert") != nil { origins["tls"] = "--tls-cert" }
        return origins
    }

    /// A repository's profiles are brought in only when its folder was named.
    private static func profileSources(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ProfileSources {
        let standing = (OwnRepository.top(of: shop.workingFolder, shop) ?? shop.workingFolder)
        var sources = ProfileSources(
            own: Places(shop.environment).userProfiles,
            standing: standing + "/profiles"
        )
        if let folder = arguments.value("profiles") {
            let path = Files.absolute(folder, from: shop.workingFolder)
            guard Files.isFolder(path) else {
                throw CommandFault(
                    .usage,
                    "file.unreadable",
                    what: "--profiles is \"\(folder)\", which cannot be read",
                    why: "there is no such folder, or this user may not read it",
                    hint: "give a folder with files such as qa.md, or leave it out"
                )
            }
            sources.named = Files.real(path) ?? path
        }
        return sources
    }

    private static func sharingTerms(_ settings: Settings) -> SharingTerms {
        let standard = SharingTerms.standard
        return SharingTerms(
            weights: settings.typed(\.shares) ?? standard.weights,
            ageing: settings.typed(\.ageing) ?? standard.ageing,
            criticalPercent: settings.typed(\.criticalShare) ?? standard.criticalPercent,
            patience: settings.typed(\.patience) ?? standard.patience
        )
    }

    private static func leaseTerms(
        _ arguments: Arguments,
        _ settings: Settings
    ) throws(CommandFault) -> LeaseTerms {
        let standard = LeaseTerms()
        let term =
            try Durations.option("lease", arguments) ?? settings.typed(\.lease) ?? standard.term
        let beat =
            try Durations.option("heartbeat", arguments) ?? settings.typed(\.heartbeat)
            ?? min(standard.heartbeat, term / 6)
        let terms = LeaseTerms(
            term: term,
            heartbeat: beat,
            startWithin: max(standard.startWithin, term / 4)
        )
        guard terms.isSound else {
            throw .usage(
                "--lease \(term) with --heartbeat \(beat) cannot work",
                why: "at least three heartbeats must fit into a lease",
                hint: "--lease 60s --heartbeat 10s"
            )
        }
        return terms
    }

    static func address(_ text: String) throws(CommandFault) -> (String, UInt16) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), colon > text.startIndex
        else {
            throw .usage(
                "--listen is \"\(text)\"",
                why: "an address is HOST:PORT",
                hint: "--listen 127.0.0.1:7420"
            )
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return (String(host), port)
    }
}
