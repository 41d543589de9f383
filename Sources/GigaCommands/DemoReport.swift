/// What a demo came to, measured from the store and the origin; the smoke test's one object.
struct DemoReport: Hashable, Sendable, Encodable {
    var outcome = "ok"
    var jobs = 0
    var shipped = 0
    var blocked = 0
    var waiting = 0
    var retried = 0
    var reclaimedLeases = 0
    var mergesOnTarget = 0
    var replay = "not replayed"
    var spendMicroUSD: Int64 = 0
    var seconds: Int64 = 0
    var killedFactory = ""
    var killedJob = ""
    var data: String?

    /// Names the first figure that is off, in the order of the report.
    mutating func judge() {
        let expected: [(String, Bool, String)] = [
            ("jobs", jobs == 9, "\(jobs), expected 9"),
            ("shipped", shipped == 7, "\(shipped), expected 7"),
            ("blocked", blocked == 1, "\(blocked), expected 1"),
            ("waiting", waiting == 1, "\(waiting), expected 1"),
            ("retried", retried == 1, "\(retried), expected 1"),
            ("reclaimedLeases", reclaimedLeases >= 1, "0, expected at least 1"),
            ("mergesOnTarget", mergesOnTarget == 7, "\(mergesOnTarget), expected 7"),
            ("replay", replay == "equal", replay),
            ("spendMicroUSD", spendMicroUSD == 0, "\(spendMicroUSD), expected 0"),
        ]
        let first = expected.first { !$0.1 }
        outcome = first.map { "\($0.0) is \($0.2)" } ?? "ok"
    }
}
