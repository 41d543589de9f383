package import FleetModel

/// Factories whose claim waits for work, by shape: a job that becomes ready meets only those.
package struct WaitingClaims: Sendable {
    private struct Place: Sendable {
        let shape: ShapeID
        var position: Int
    }

    private var members: [[FactoryID]] = []
    private var places: [FactoryID: Place] = [:]

    package init() {}

    package var count: Int { places.count }
    package func contains(_ factory: FactoryID) -> Bool { places[factory] != nil }

    /// Notes a claim; one factory has one, and a new one takes the place of the old.
    package mutating func insert(_ factory: FactoryID, shape: ShapeID) {
        remove(factory)
        while members.count <= shape.index { members.append([]) }
        places[factory] = Place(shape: shape, position: members[shape.index].count)
        members[shape.index].append(factory)
    }

    package mutating func remove(_ factory: FactoryID) {
        guard let place = places.removeValue(forKey: factory) else { return }
        let last = members[place.shape.index].removeLast()
        guard last != factory else { return }
        members[place.shape.index][place.position] = last
        places[last]?.position = place.position
    }

    /// Those whose shape serves the class; whether a station is free, the router's filter says.
    package func serving(_ class: ClassID, in table: ClassTable) -> [FactoryID] {
        table.servers(of: `class`).flatMap { shape in
            shape.index < members.count ? members[shape.index] : []
        }
    }
}
