import FleetModel
import FleetProtocol

/// Whole lists, page after page.
extension CoordinatorClient {
    func factories() throws(CommandFault) -> FactoryList {
        try whole("/fleet/factories", \FactoryList.factories, next: \.next)
    }

    func repositories() throws(CommandFault) -> RepositoryList {
        try whole("/fleet/repos", \RepositoryList.repositories, next: \.next)
    }

    func profileList() throws(CommandFault) -> ProfileList {
        try whole("/fleet/profiles", \ProfileList.profiles, next: \.next) { list, page in
            list.proposals += page.proposals
        }
    }

    private func whole<List: Decodable, Row>(
        _ path: String,
        _ rows: WritableKeyPath<List, [Row]>,
        next: WritableKeyPath<List, String?>,
        adding: (inout List, List) -> Void = { _, _ in }
    ) throws(CommandFault) -> List {
        var list = try get(path, as: List.self)
        while let after = list[keyPath: next] {
            let page = try get("\(path)?after=\(Percent.encoded(after))", as: List.self)
            list[keyPath: rows] += page[keyPath: rows]
            adding(&list, page)
            list[keyPath: next] = page[keyPath: next]
        }
        return list
    }
}
