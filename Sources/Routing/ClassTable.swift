private import FleetModel

/// A factory shape's number in its `ClassTable`.
package struct ShapeID: Hashable, Sendable {
    package let index: Int
}

/// Every requirement class and factory shape seen so far, and which shape serves which class.
///
/// Requirements are matched when a class or a shape first appears and never again: a placement
/// reads bits. The table only grows, with the number of *different* classes and shapes.
package struct ClassTable: Sendable {
    private var classes: [RequirementClass] = []
    private var shapes: [FactoryShape] = []
    private var numberOfClass: [RequirementClass: ClassID] = [:]
    private var numberOfShape: [FactoryShape: ShapeID] = [:]
    /// By shape: the classes whose requirements it meets and whose engine it has.
    private var served: [ClassSet] = []
    /// By class: the shapes that serve it, in the order in which they appeared.
    private var servers: [[ShapeID]] = []
    /// Demands in the order in which they appeared, each with its classes.
    private var demands: [(demand: EngineDemand, classes: ClassSet)] = []
    private var numberOfDemand: [EngineDemand: Int] = [:]

    /// How often a shape was held against a class: the cost of the table so far.
    package private(set) var matchings = 0

    package init() {}

    package mutating func intern(_ class: RequirementClass) -> ClassID {
        if let known = numberOfClass[`class`] { return known }
        let id = ClassID(index: classes.count)
        classes.append(`class`)
        numberOfClass[`class`] = id
        servers.append([])
        if let known = numberOfDemand[`class`.demand] {
            demands[known].classes.insert(id)
        } else {
            numberOfDemand[`class`.demand] = demands.count
            var only = ClassSet()
            only.insert(id)
            demands.append((`class`.demand, only))
        }
        for index in shapes.indices { match(ShapeID(index: index), id) }
        return id
    }

    package mutating func intern(_ shape: FactoryShape) -> ShapeID {
        if let known = numberOfShape[shape] { return known }
        let id = ShapeID(index: shapes.count)
        shapes.append(shape)
        numberOfShape[shape] = id
        served.append(ClassSet())
        for index in classes.indices { match(id, ClassID(index: index)) }
        return id
    }

    /// How many different classes there are.
    package var count: Int { classes.count }

    /// Every class, in the order in which they appeared.
    package var all: [ClassID] { classes.indices.map(ClassID.init(index:)) }

    package subscript(id: ClassID) -> RequirementClass { classes[id.index] }
    package subscript(id: ShapeID) -> FactoryShape { shapes[id.index] }

    /// All classes that the shape can serve when all its stations are free.
    package func served(by shape: ShapeID) -> ClassSet { served[shape.index] }

    /// All shapes that can serve the class.
    package func servers(of class: ClassID) -> [ShapeID] { servers[`class`.index] }

    /// The classes that a claim can take now: what its shape serves, at the stations that are free.
    ///
    /// - Complexity: one pass over the different demands and over the words of a bit set.
    package func claimable(by shape: ShapeID, stations: [StationGroup]) -> ClassSet {
        var open = ClassSet()
        for (demand, classes) in demands
        where demand == .none || stations.contains(where: { $0.free > 0 && demand.fits($0.kind) }) {
            open.formUnion(classes)
        }
        return open.intersection(served[shape.index])
    }

    private mutating func match(_ shape: ShapeID, _ id: ClassID) {
        matchings += 1
        let wanted = classes[id.index]
        let offered = shapes[shape.index]
        guard wanted.demand == .none || offered.stations.contains(where: wanted.demand.fits),
            wanted.requirements.allSatisfy({ $0.check(against: offered.facts).isMet })
        else { return }
        served[shape.index].insert(id)
        servers[id.index].append(shape)
    }
}
