extension Manifest {
    /// Names of the fields that two manifests write differently, in the order of the file format.
    package func differences(from other: Manifest) -> [String] {
        func differ<Value: Equatable>(_ path: KeyPath<Manifest, Value>, _ name: String) -> String? {
            self[keyPath: path] == other[keyPath: path] ? nil : name
        }
        return [
            differ(\.title, "title"), differ(\.product, "product"), differ(\.repo, "repo"),
            differ(\.base, "base"), differ(\.cwd, "cwd"), differ(\.engine, "engine"),
            differ(\.engineClass, "engine-class"), differ(\.model, "model"),
            differ(\.yolo, "yolo"), differ(\.lock, "lock"), differ(\.timeout, "timeout"),
            differ(\.verify, "verify"), differ(\.profile, "profile"),
            differ(\.capabilities, "capabilities"), differ(\.prefers, "prefers"),
            differ(\.priority, "priority"), differ(\.deadline, "deadline"),
            differ(\.budget, "budget"), differ(\.valueMilli, "value"), differ(\.deps, "deps"),
            differ(\.retry, "retry"), differ(\.reviewPolicy, "review-policy"),
            differ(\.allowedScope, "allowed-scope"), differ(\.artifacts, "artifacts"),
            differ(\.trackerItem, "tracker-item"), differ(\.output, "output"),
            differ(\.script, "script"), differ(\.obligations, "obligations"),
            differ(\.valueStream, "value-stream"), differ(\.mandate, "mandate"),
            differ(\.lane, "lane"), differ(\.issue, "issue"), differ(\.labels, "labels"),
            differ(\.extensions, "x-"),
        ].compactMap(\.self)
    }
}
