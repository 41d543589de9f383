import HTTPServing

/// One page of a list by name, with the true total of its filter.
struct NamedPage<Row: Sendable>: Sendable {
    let rows: [Row]
    let total: Int
    /// The last name of the page, when there is more.
    let next: String?

    static var parameters: [Call.Parameter] {
        [
            Call.Parameter("text", .text(1...256), "Only those with this in their name"),
            Call.Parameter("after", .text(1...256), "Only what comes after this name"),
            Call.Parameter("limit", .number(1...10_000), "At most so many; 1000 unless said"),
        ]
    }

    /// `all` are sorted by name.
    init(_ all: [Row], of request: HTTPRequest, name: (Row) -> String) {
        let text = request.query("text")?.lowercased()
        let matching = all.filter { row in
            text.map { name(row).lowercased().contains($0) } ?? true
        }
        let after = request.query("after")
        let later = after.map { after in matching.filter { after < name($0) } } ?? matching
        let limit = Int(request.query("limit") ?? "") ?? 1000
        rows = Array(later.prefix(limit))
        total = matching.count
        next = later.count > limit ? rows.last.map(name) : nil
    }
}
