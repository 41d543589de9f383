import FleetModel
import FleetProtocol

/// Whole lists, page after page.
extension CoordinatorClient {
    func factories() throws(CommandFault) -> FactoryList {
        var list = try get("/fleet/factories", as: FactoryList.self)
        while let next = list.next {
            let path = "/fleet/factories?after=\(Percent.encoded(next))"
            let page = try get(path, as: FactoryList.self)
            list.factories += page.factories
            list.next = page.next
        }
        return list
    }

    func repositories() throws(CommandFault) -> RepositoryList {
        var list = try get("/fleet/repos", as: RepositoryList.self)
        while let next = list.next {
            let path = "/fleet/repos?after=\(Percent.encoded(next))"
            let page = try get(path, as: RepositoryList.self)
            list.repositories += page.repositories
            list.next = page.next
        }
        return list
    }

    func profileList() throws(CommandFault) -> ProfileList {
        var list = try get("/fleet/profiles", as: ProfileList.self)
        while let next = list.next {
            let path = "/fleet/profiles?after=\(Percent.encoded(next))"
            let page = try get(path, as: ProfileList.self)
            list.profiles += page.profiles
            list.next = page.next
        }
        return list
    }
}
