import FleetModel
package import JSONWriting

// Bodies that come all the time, read without a decoder.

extension ClaimRequest: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var boot: String?
        var factory: FactoryID?
        var free: [Station]?
        var id: String?
        var takesShip: Bool?
        var waitMilliseconds: Int64?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "boot": try json.read(into: &boot)
            case "factory": try json.read(into: &factory)
            case "free": try json.read(into: &free)
            case "id": try json.read(into: &id)
            case "takesShip": try json.read(into: &takesShip)
            case "waitMilliseconds": try json.read(into: &waitMilliseconds)
            default: throw JSONMismatch()
            }
        }
        guard let boot, let factory, let free, let id, let takesShip, let waitMilliseconds
        else { throw JSONMismatch() }
        self.boot = boot
        self.factory = factory
        self.free = free
        self.id = id
        self.takesShip = takesShip
        self.waitMilliseconds = waitMilliseconds
    }
}

extension ReportRequest: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var fence: UInt64?
        var items: [RunReportItem]?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "fence": try json.read(into: &fence)
            case "items": try json.read(into: &items)
            default: throw JSONMismatch()
            }
        }
        guard let fence, let items else { throw JSONMismatch() }
        self.fence = fence
        self.items = items
    }
}

extension SubmitRequest: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var files: [File]?
        var product: String?
        var profile: String?
        var repo: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "files": try json.read(into: &files)
            case "product": try json.read(into: &product)
            case "profile": try json.read(into: &profile)
            case "repo": try json.read(into: &repo)
            default: throw JSONMismatch()
            }
        }
        guard let files else { throw JSONMismatch() }
        self.files = files
        self.product = product
        self.profile = profile
        self.repo = repo
    }
}

extension SubmitRequest.File: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var name: String?
        var text: String?
        try json.object { (json: inout JSONReader, field: JSONName) throws(JSONMismatch) in
            switch field {
            case "name": try json.read(into: &name)
            case "text": try json.read(into: &text)
            default: throw JSONMismatch()
            }
        }
        guard let name, let text else { throw JSONMismatch() }
        self.name = name
        self.text = text
    }
}

extension HeartbeatRequest: JSONReadable {
    /// Nearly none brings facts: those that do are left to the decoder.
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var boot: String?
        var claimsNothing: String?
        var drains: String?
        var held: [HeldLease]?
        var load: Int64?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "boot": try json.read(into: &boot)
            case "claimsNothing": try json.read(into: &claimsNothing)
            case "drains": try json.read(into: &drains)
            case "held": try json.read(into: &held)
            case "load": try json.read(into: &load)
            default: throw JSONMismatch()
            }
        }
        guard let boot, let held, let load else { throw JSONMismatch() }
        self.boot = boot
        self.claimsNothing = claimsNothing
        self.drains = drains
        facts = nil
        self.held = held
        self.load = load
    }
}
