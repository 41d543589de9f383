import Engines
import FleetModel

/// Which stations a factory offers, and what each engine's probe found.
struct StationList: Sendable {
    let stations: [Station]
    let adapters: [String: any EngineAdapter]

    /// Reads `shell=2,command:lint=1`, or chooses by cores and engines found.
    init(
        _ text: String?,
        catalogue: EngineCatalogue,
        found: [FoundEngine],
        cores: Int,
        isSandboxed: Bool
    ) throws(FactoryFault) {
        var counts: [(name: String, count: Int)] = []
        if let text {
            counts = try Self.parse(text)
        } else {
            for engine in found where engine.isReady {
                let isShell = engine.adapter.name == .shell
                counts.append((engine.adapter.name.text, isShell ? max(1, min(cores, 8)) : 1))
            }
        }
        var stations: [Station] = []
        var adapters: [String: any EngineAdapter] = [:]
        for (name, count) in counts {
            let adapter: any EngineAdapter
            do throws(EngineFault) { adapter = try catalogue.adapter(named: name) } catch {
                throw FactoryFault(
                    "bad-stations",
                    what: error.what,
                    why: error.why,
                    hint: error.hint
                )
            }
            if adapter.needsSandbox, !isSandboxed {
                if text == nil { continue }
                throw FactoryFault(
                    "needs-sandbox",
                    what: "No station of \(name) can stand here",
                    why: "it runs whatever a model asks for, and this machine has no sandbox",
                    hint: "apt-get install bubblewrap"
                )
            }
            guard adapters.updateValue(adapter, forKey: name) == nil else {
                throw Self.bad("\(name) stands in it twice")
            }
            let classes = adapter.classes.map(\.rawValue)
            stations.append(Station(engine: name, classes: classes, count: count))
        }
        self.stations = stations.sorted { $0.engine < $1.engine }
        self.adapters = adapters
    }

    private static func parse(_ text: String) throws(FactoryFault) -> [(name: String, count: Int)] {
        var counts: [(name: String, count: Int)] = []
        for part in text.split(separator: ",") {
            let trimmed = part.drop { $0 == " " }
            guard let sign = trimmed.lastIndex(of: "="),
                let count = Int(trimmed[trimmed.index(after: sign)...].filter { $0 != " " }),
                (0...1000).contains(count)
            else { throw bad("\"\(part)\" is not NAME=COUNT") }
            if count > 0 { counts.append((String(trimmed[..<sign]), count)) }
        }
        guard !counts.isEmpty else { throw bad("it names none") }
        return counts
    }

    private static func bad(_ why: String) -> FactoryFault {
        FactoryFault(
            "bad-stations",
            what: "--stations cannot be read",
            why: why,
            hint: "write it like --stations shell=2,command:lint=1"
        )
    }
}
